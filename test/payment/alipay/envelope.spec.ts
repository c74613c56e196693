import fc from 'fast-check';

import { objectOf, rawMembers, stringOf } from '../../../src/payment/gateway/alipay/envelope.js';

const membersOf = (text: string | Buffer) => {
  const members = rawMembers(Buffer.from(text as string));
  return members && Object.fromEntries(members);
};

describe('The members of an answer', () => {
  it('are each the text that was sent', () => {
    expect(membersOf('{}')).toEqual({});
    expect(membersOf(' \r\n\t{ }\n')).toEqual({});
    expect(membersOf('{"a":{"b":"\\/ \\u4e2d"} , "c" : [1, {"}":"]"}] ,"d":-1.5e3\n}')).toEqual({
      a: '{"b":"\\/ \\u4e2d"}',
      c: '[1, {"}":"]"}]',
      d: '-1.5e3',
    });
    expect(membersOf('{"a":"\\"}","b\\"":"\\\\","c":"\\\\\\",","d":null}')).toEqual({
      a: '"\\"}"',
      'b"': '"\\\\"',
      c: '"\\\\\\","',
      d: 'null',
    });
  });

  it.each(['', ' ', '[]', '[{}]', 'null', '5', 'true', '"{}"', '{', '{}}', '{"a":1,}', "{'a':1}", '\ufeff{}', '{"a":1,"a":1}'])(
    'are none in %j',
    (text) => expect(membersOf(text)).toBe(undefined),
  );

  it('are none in bytes that are not UTF-8', () => {
    expect(membersOf(Buffer.from('{"a":"é"}', 'latin1'))).toBe(undefined);
  });

  it('are those that JSON.parse finds, in any object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (object, space) => {
        const members = [...(rawMembers(Buffer.from(JSON.stringify(object, null, space))) ?? [])];
        expect(members.map(([name, raw]) => [name, JSON.parse(raw) as unknown])).toEqual(
          Object.entries(JSON.parse(JSON.stringify(object)) as object),
        );
      }),
    );
  });

  it('are read as what they are, or not at all', () => {
    expect(objectOf('{"a":1}')).toEqual({ a: 1 });
    for (const raw of ['[1]', '"{"', '1', 'null', undefined]) expect(objectOf(raw)).toBe(undefined);
    expect(stringOf('"\\/"')).toBe('/');
    for (const raw of ['{"a":"b"}', '["a"]', '1', 'null', undefined]) expect(stringOf(raw)).toBe(undefined);
  });
});
