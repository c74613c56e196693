import { useWorld } from '../support/world.js';
import { NOBODY, expectProblem, expectRefusal, furnish, speak, stateOf, type Estate } from './support.js';

describe('A header that is strange', () => {
  const world = useWorld();
  let estate: Estate;
  beforeAll(async () => {
    estate = await furnish(world);
  });

  const ask = (headers: Readonly<Record<string, string>>, name = NOBODY) =>
    speak(world.api.url, { path: `/v1/orders/${name}`, headers: { authorization: `Bearer ${world.api.apiKey}`, ...headers } });

  it.each([
    ['zh-CN', /\p{Script=Han}/u],
    ['zh', /\p{Script=Han}/u],
    ['ZH-hans-cn', /\p{Script=Han}/u],
    ['fr, zh;q=0.5', /\p{Script=Han}/u],
    ['en, zh;q=0.9', /^[\x20-\x7e]+$/],
    ['zh;q=0, en', /^[\x20-\x7e]+$/],
    ['', /^[\x20-\x7e]+$/],
    ['*', /./],
    ['zh;q=NaN', /./],
    [';;;,,,;q=', /./],
    [`' OR 1=1 --`, /./],
    ['\xff\xfe', /./],
    ['zh-CN,'.repeat(1_500), /./],
  ])('answers Accept-Language %j with a title', async (language, title) => {
    const answer = await ask({ 'accept-language': language });

    expectProblem(answer, 404, 'not_found');
    expect(answer.body.title).toMatch(title);
  });

  it.each([
    ['x-request-id', `'; DROP TABLE orders; --`],
    ['x-request-id', 'a'.repeat(8_000)],
    ['x-forwarded-for', '\xff'.repeat(100)],
    ['accept', 'application/xml'],
    ['cookie', 'a=b; '.repeat(1_000)],
    ['x-large', 'x'.repeat(14_000)],
    ['host', 'evil.example'],
    ['if-none-match', '*'],
    ['range', 'bytes=0-1'],
    ['content-encoding', 'gzip'],
    ['x-http-method-override', 'DELETE'],
  ])('is no trouble in %s', async (name, value) => {
    const before = await stateOf(world);

    const answer = await ask({ [name]: value }, estate.open);

    expect(answer.status).toBeLessThan(500);
    if (answer.status === 200) expect(answer.body).toMatchObject({ id: estate.open });
    else expectRefusal(answer);
    expect(await stateOf(world)).toEqual(before);
  });

  it.each([
    ['more headers than fit', { 'x-large': 'x'.repeat(100_000) }],
    ['a control character', { 'idempotency-key': 'a\x01b' }],
    ['a line that is no header', { 'x y': 'z' }],
    ['two lengths', { 'content-length': '5', 'Content-Length': '7' }],
    ['a length that is no number', { 'content-length': 'x' }],
    ['a transfer coding that is none', { 'transfer-encoding': 'banana' }],
  ])('is refused as problem+json where HTTP itself says no: %s', async (_, headers) => {
    const before = await stateOf(world);

    const answer = await speak(world.api.url, {
      method: 'POST',
      path: '/v1/products',
      headers: { authorization: `Bearer ${world.api.apiKey}`, ...headers },
      body: '{}',
    });

    expectRefusal(answer);
    expect(await stateOf(world)).toEqual(before);
  });
});
