import fc from 'fast-check';

import { headerOf, withHeader, type Letter } from './genuine.js';

/** A change to a letter, with its name, so that a failure says what was changed. */
export interface Mutation {
  readonly what: string;
  readonly mutated: Letter;
}

type Mutations = fc.Arbitrary<Mutation>;

const PRINTABLE = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
const ANY_BYTE = fc.integer({ min: 0, max: 0xff });
/** What bodies are made of: digits, letters, and what stands between fields. */
const LIKELY = fc.constantFrom(...'0123456789ABCDEFabcdef%&=+"{},:/');

/** One byte of the body changed, left out, put in, or exchanged with the next; or the end cut off. */
function ofBody(letter: Letter): Mutations {
  const { body } = letter;
  const place = fc.integer({ min: 0, max: body.length - 1 });
  const splice = (at: number, remove: number, insert: string | Buffer) =>
    Buffer.concat([body.subarray(0, at), Buffer.from(insert), body.subarray(at + remove)]);
  const changed = (what: string, at: number, bytes: Buffer): Mutation => ({
    what: `${what} at ${at} of the body`,
    mutated: { ...letter, body: bytes },
  });
  return fc.oneof(
    { weight: 6, arbitrary: fc.tuple(place, fc.oneof(PRINTABLE, LIKELY)).map(([at, text]) => changed(text, at, splice(at, 1, text))) },
    { weight: 2, arbitrary: fc.tuple(place, ANY_BYTE).map(([at, byte]) => changed(`byte ${byte}`, at, splice(at, 1, Buffer.of(byte)))) },
    { weight: 2, arbitrary: fc.tuple(place, LIKELY).map(([at, text]) => changed(`${text} put in`, at, splice(at, 0, text))) },
    { weight: 2, arbitrary: place.map((at) => changed('one left out', at, splice(at, 1, ''))) },
    {
      weight: 1,
      arbitrary: place.map((at) => changed('two exchanged', at, splice(at, 2, Buffer.from(body.subarray(at, at + 2)).reverse()))),
    },
    { weight: 1, arbitrary: place.map((at) => changed('cut off', at, body.subarray(0, at))) },
  );
}

/** A field of a form left out, emptied, given twice, or under another name. */
export function ofFields(letter: Letter, untouched: readonly string[]): Mutations {
  const pairs = letter.body.toString('latin1').split('&');
  const name = (pair: string) => pair.slice(0, pair.indexOf('='));
  const place = fc.constantFrom(...pairs.keys()).filter((at) => !untouched.includes(name(pairs[at] ?? '')));
  const changed = (what: string, at: number, now: readonly string[]): Mutation => ({
    what: `${name(pairs[at] ?? '')} ${what}`,
    mutated: { ...letter, body: Buffer.from([...pairs.slice(0, at), ...now, ...pairs.slice(at + 1)].join('&'), 'latin1') },
  });
  return place.chain((at) => {
    const pair = pairs[at] ?? '';
    return fc.constantFrom(
      changed('left out', at, []),
      changed('emptied', at, [`${name(pair)}=`]),
      changed('twice', at, [pair, pair]),
      changed('twice, once empty', at, [pair, `${name(pair)}=`]),
      changed('under another name', at, [`x${pair}`]),
      changed('in capitals', at, [pair.toUpperCase()]),
      changed('with one more beside it', at, [pair, 'trade_status2=TRADE_SUCCESS']),
      changed('encoded twice', at, [`${name(pair)}=${encodeURIComponent(pair.slice(name(pair).length + 1))}`]),
    );
  });
}

/** One character of a header that counts changed, put in or left out; or the header missing, empty, twice, or another letter's. */
export function ofHeaders(letter: Letter, names: readonly string[], others: Letter): Mutations {
  return fc.constantFrom(...names).chain((name) => {
    const value = headerOf(letter, name);
    const changed = (what: string, now: string | undefined): Mutation => ({
      what: `${name} ${what}`,
      mutated: withHeader(letter, name, now),
    });
    const place = fc.integer({ min: 0, max: value.length - 1 });
    const splice = (at: number, remove: number, insert: string) => value.slice(0, at) + insert + value.slice(at + remove);
    return fc.oneof(
      { weight: 5, arbitrary: fc.tuple(place, PRINTABLE).map(([at, text]) => changed(`with ${text} at ${at}`, splice(at, 1, text))) },
      { weight: 2, arbitrary: place.map((at) => changed(`without its ${at}th character`, splice(at, 1, ''))) },
      { weight: 2, arbitrary: fc.tuple(place, PRINTABLE).map(([at, text]) => changed(`with ${text} more at ${at}`, splice(at, 0, text))) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          changed('missing', undefined),
          changed('empty', ''),
          changed('of another letter', headerOf(others, name)),
          changed('in lower case', value.toLowerCase()),
          changed('in capitals', value.toUpperCase()),
          {
            what: `${name} twice`,
            mutated: { ...letter, headers: [...letter.headers, [name, headerOf(others, name)] as const] },
          },
        ),
      },
    );
  });
}

export function mutationsOf(letter: Letter, beside: Mutations): Mutations {
  return fc
    .oneof({ weight: 2, arbitrary: ofBody(letter) }, { weight: 1, arbitrary: beside })
    .map((mutation) => ({ ...mutation, [fc.toStringMethod]: () => mutation.what }));
}

/** Whether two letters say the same: a form may write `%2f` for `%2F`, and `+` for `%20`. A JSON body is signed to the last byte. */
export function isTheSame(one: Letter, other: Letter): boolean {
  const headers = (letter: Letter) => JSON.stringify([...letter.headers].sort());
  if (headers(one) !== headers(other)) return false;
  if (one.body.equals(other.body)) return true;
  const said = ({ body }: Letter) => new URLSearchParams(body.toString('latin1')).toString();
  return headerOf(other, 'content-type').includes('form') && said(one) === said(other);
}
