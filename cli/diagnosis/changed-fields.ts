import { fromGbk, toGbk } from './gbk.js';

/** The decoded fields of a form, as bytes, because the signatures are over bytes. */
export type FieldBytes = ReadonlyMap<string, Buffer>;

/** A form as it was perhaps before it was read. `cause` says what was done to it. */
export interface ChangedFields {
  readonly cause: string;
  readonly fields: FieldBytes;
}

/** What is done to every value at once; undefined where it cannot be done. */
type Change = readonly [cause: string, change: (value: Buffer) => Buffer | undefined];

const CHANGES: readonly Change[] = [
  ['space or a line break was added around a value', text((value) => value.trim())],
  [
    'the plus signs of the values became spaces: the body was decoded twice, or was not URL-encoded',
    text((value) => value.replaceAll(' ', '+')),
  ],
  ['the values are still URL-encoded: the body was encoded twice', text(decodedAgain)],
  ['the signature is over URL-encoded values, and plain ones are to be signed', text((value) => encodeURIComponent(value))],
  ['the line breaks of a value became CR LF on the way, and were LF', text((value) => value.replaceAll('\r\n', '\n'))],
  ['the line breaks of a value became LF on the way, and were CR LF', text((value) => value.replace(/\r?\n/g, '\r\n'))],
  ['the charset: the values are in UTF-8 here, and were signed in GBK', (value) => toGbk(value.toString('utf8'))],
  ['the charset: the values are in GBK here, and were signed in UTF-8', (value) => buffer(fromGbk(value))],
  ['the charset: the values were read as latin1 and written as UTF-8 on the way', text((value) => Buffer.from(value, 'latin1'))],
  ['characters were escaped for HTML on the way, such as &quot; for a quotation mark', text(withoutEntities)],
];

/** In the order in which they are likely. The last are those where one field is too many. */
export function* changedFields(fields: FieldBytes): Iterable<ChangedFields> {
  for (const [cause, change] of CHANGES) {
    const changed = [...fields].map(([name, value]) => [name, change(value)] as const);
    if (changed.every((pair): pair is [string, Buffer] => pair[1] !== undefined)) yield { cause, fields: new Map(changed) };
  }
  for (const name of fields.keys()) {
    const others = new Map([...fields].filter(([other]) => other !== name));
    yield { cause: `the field ${name} was not signed: it was added on the way, perhaps as a parameter of the address`, fields: others };
  }
}

/** How fields become the content that is signed, for the ways that are not the right one. */
export interface Joining {
  readonly without: readonly string[];
  readonly empties: 'dropped' | 'kept';
  readonly order: 'by name' | 'as they come';
}

export function joined(fields: FieldBytes, { without, empties, order }: Joining): Buffer {
  const signed = [...fields].filter(([name, value]) => !without.includes(name) && (empties === 'kept' || value.length > 0));
  if (order === 'by name') signed.sort(([left], [right]) => (left < right ? -1 : 1));
  return Buffer.concat(signed.flatMap(([name, value], at) => [Buffer.from(`${at === 0 ? '' : '&'}${name}=`), value]));
}

const NAMED = /^([A-Za-z0-9_.]{1,64})=(.*)$/s;

/** The fields of a body that was never encoded, or decoded before: an `&` belongs to a value where no name follows it. */
export function undecodedFields(body: Buffer): FieldBytes {
  const fields = new Map<string, string>();
  let last = '';
  for (const pair of body.toString('latin1').split('&')) {
    const [, name, value] = NAMED.exec(pair) ?? [];
    if (name !== undefined) last = name;
    fields.set(last, name === undefined ? `${fields.get(last) ?? ''}&${pair}` : (value ?? ''));
  }
  return new Map([...fields].map(([name, value]) => [name, Buffer.from(value, 'latin1')]));
}

function text(change: (value: string) => string | Buffer): (value: Buffer) => Buffer {
  return (value) => Buffer.from(change(value.toString('utf8')) as string);
}

function decodedAgain(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&quot;', '"'],
  ['&#34;', '"'],
  ['&#39;', "'"],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&amp;', '&'],
]);

function withoutEntities(value: string): string {
  return value.replace(/&(?:quot|#34|#39|lt|gt|amp);/g, (entity) => ENTITIES.get(entity) ?? entity);
}

function buffer(value: string | undefined): Buffer | undefined {
  return value === undefined ? undefined : Buffer.from(value);
}
