import { createHash, createPrivateKey, createSign } from 'node:crypto';
import { useSimulator } from './support.js';
import { UnionPayMerchant, type Changes, type Fields } from './unionpay-merchant.js';

const QUARTER_MS = 15 * 60_000;

describe('What UnionPay refuses', () => {
  const world = useSimulator();
  const merchant = new UnionPayMerchant(world);

  const COMMON: [string, Changes, string][] = [
    ['no version', { version: undefined }, '13'],
    ['version 5.0.0', { version: '5.0.0' }, '10'],
    ['another encoding', { encoding: 'GBK' }, '10'],
    ['no signMethod', { signMethod: '' }, '13'],
    ['a signature by a secret', { signMethod: '11' }, '10'],
    ['no merchant', { merId: undefined }, '13'],
    ['an unknown merchant', { merId: '777290000000002' }, '31'],
    ['no certId', { certId: undefined }, '13'],
    ['the certId of another certificate', { certId: '69903319369' }, '11'],
    ['no accessType', { accessType: undefined }, '13'],
    ['a platform', { accessType: '2' }, '10'],
  ];

  it.each(COMMON)('a query with %s', async (_what, changes, respCode) => {
    const answer = await merchant.query(await merchant.paidOrder(), changes);
    expect(answer).toMatchObject({ httpStatus: 200, trusted: 'valid', fields: { respCode } });
    expect(answer.fields).not.toHaveProperty('origRespCode');
  });

  const TRANSACTION: [string, Changes, string][] = [
    ...COMMON,
    ['no orderId', { orderId: undefined }, '13'],
    ['an orderId of seven', { orderId: 'A234567' }, '10'],
    ['an orderId of 41', { orderId: 'A'.repeat(41) }, '10'],
    ['a dash in the orderId', { orderId: 'A-1234567' }, '10'],
    ['an underscore in the orderId', { orderId: 'A_1234567' }, '10'],
    ['a line end in the orderId', { orderId: 'A1234567\n' }, '10'],
    ['no txnTime', { txnTime: undefined }, '13'],
    ['an ISO txnTime', { txnTime: '2026-03-01T12:00' }, '10'],
    ['a day that no calendar has', { txnTime: '20260230120000' }, '10'],
    ['the time of Greenwich', { txnTime: '20260301040000' }, '39'],
    ['no amount', { txnAmt: undefined }, '13'],
    ['an amount in yuan', { txnAmt: '88.88' }, '10'],
    ['an amount of nothing', { txnAmt: '0' }, '10'],
    ['less than nothing', { txnAmt: '-1' }, '10'],
    ['an amount of 13 digits', { txnAmt: '1'.repeat(13) }, '10'],
    ['a leading zero', { txnAmt: '0888' }, '10'],
    ['no backUrl', { backUrl: undefined }, '13'],
    ['a backUrl that is none', { backUrl: 'javascript:alert(1)' }, '10'],
    ['a backUrl that is too long', { backUrl: `http://a/${'x'.repeat(256)}` }, '10'],
    ['no channelType', { channelType: undefined }, '13'],
    ['an unknown channelType', { channelType: '99' }, '10'],
    ['another product', { bizType: '000301' }, '10'],
    ['another txnSubType', { txnSubType: '03' }, '10'],
    ['another currency', { currencyCode: '840' }, '10'],
    ['reqReserved that would break an answer', { reqReserved: 'a&respCode=00' }, '10'],
    ['reqReserved of 1025 characters', { reqReserved: 'a'.repeat(1025) }, '10'],
  ];

  it.each([
    ...TRANSACTION,
    ['no currency', { currencyCode: undefined }, '13'],
    ['no frontUrl', { frontUrl: undefined }, '13'],
    ['a payTimeout in another format', { payTimeout: '2026-03-01 12:15:00' }, '10'],
    ['a payTimeout that is past', { payTimeout: '20260301120000' }, '39'],
    ['no txnType', { txnType: undefined }, '13'],
    ['a refund at the payers’ address', { txnType: '04' }, '10'],
  ] as [string, Changes, string][])('a form with %s, by a page', async (_what, changes, respCode) => {
    const answer = await merchant.submit(merchant.consumeFields(changes));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    expect(await answer.text()).toContain(`<code>${respCode}</code>`);
    expect(await world.log()).toMatchObject({ trades: [], unopened: [], requests: [{ code: respCode, gateway: 'unionpay' }] });
  });

  it.each([
    ...TRANSACTION,
    ['no origQryId', { origQryId: undefined }, '13'],
    ['an origQryId that is none', { origQryId: '123' }, '10'],
    ['the origQryId of no payment', { origQryId: '2'.repeat(21) }, '34'],
    ['no txnType', { txnType: undefined }, '13'],
    ['a payment at the servers’ address', { txnType: '01' }, '10'],
  ] as [string, Changes, string][])('a refund with %s', async (_what, changes, respCode) => {
    const { queryId, orderId } = await merchant.paidOrder();
    const answer = await merchant.refund(queryId, changes);
    expect(answer).toMatchObject({ httpStatus: 200, trusted: 'valid', fields: { respCode } });
    expect((await world.log(orderId)).refunds).toEqual([]);
  });

  it.each<[string, (signed: Fields) => Fields]>([
    ['none', unsigned],
    ['an empty one', (signed) => ({ ...signed, signature: '' })],
    ['one of nothing', (signed) => ({ ...signed, signature: 'AAAA' })],
    ['one that does not cover the amount', (signed) => ({ ...signed, txnAmt: '1' })],
    ['one that does not cover an added field', (signed) => ({ ...signed, reserved: '{cardNumberLock=1}' })],
    ['one whose + became a blank', (signed) => ({ ...signed, signature: signed.signature?.replaceAll('+', ' ').replace('A', ' ') ?? '' })],
    ['one over the text and not its digest', (signed) => ({ ...signed, signature: signedDirectly(signed, 'RSA-SHA256', (text) => text) })],
    ['one with SHA-1', (signed) => ({ ...signed, signature: signedDirectly(signed, 'RSA-SHA1', (text) => sha(text, 'sha1')) })],
    [
      'one over the digest in capitals',
      (signed) => ({ ...signed, signature: signedDirectly(signed, 'RSA-SHA256', (text) => sha(text, 'sha256').toUpperCase()) }),
    ],
  ])('a signature: %s', async (_what, change) => {
    const { queryId } = await merchant.paidOrder();
    const fields = merchant.signed(merchant.giveBackFields('04', queryId, {}));
    const { fields: said, trusted } = await merchant.call('refund', change(fields));
    expect([trusted, ['11', '13']]).toEqual(['valid', expect.arrayContaining([said.respCode]) as unknown]);
    expect((await world.log()).refunds).toEqual([]);
    expect((await merchant.call('refund', fields)).fields).toMatchObject({ respCode: '00' });
  });

  it('but signs over exactly what the text says, with & and = inside values, and empty values left out', async () => {
    const answer = await merchant.submit(
      merchant.consumeFields({ frontUrl: 'http://a/?b=1&c={d}', riskRateInfo: '{a=1&commodityName=茶}', subMerId: '' }),
    );
    expect(answer.status).toBe(302);
  });

  it('shows the digest that it verified, which is how a mistake is found', async () => {
    const fields = merchant.signed(merchant.giveBackFields('04', '2'.repeat(21), {}));
    const changed = { ...fields, txnAmt: '1' };
    const digest = sha(textOf(changed), 'sha256');
    expect((await merchant.call('refund', changed)).fields.respMsg).toContain(digest);
  });

  it('a transaction that was not made now, either way', async () => {
    for (const [offset, status] of [
      [-QUARTER_MS, 302],
      [QUARTER_MS, 302],
      [-QUARTER_MS - 1_000, 200],
      [QUARTER_MS + 1_000, 200],
    ] as const) {
      const txnTime = merchant.time(offset);
      expect((await merchant.submit(merchant.consumeFields({ txnTime }))).status).toBe(status);
    }
  });

  it('the same number again, whatever it was for', async () => {
    const form = await merchant.openOrder();
    const repeated = async (answer: Response): Promise<void> => expect(await answer.text()).toContain('<code>12</code>');
    await repeated(await merchant.submit(form));
    await repeated(await merchant.submit(merchant.consumeFields({ orderId: form.orderId, txnAmt: '1' })));
    world.pass(1_000);
    await repeated(await merchant.submit(merchant.consumeFields({ orderId: form.orderId })));

    const { queryId, orderId } = await merchant.paidOrder();
    const refund = { orderId: merchant.number(), txnTime: merchant.time(), txnAmt: '1' };
    expect((await merchant.refund(queryId, refund)).fields).toMatchObject({ respCode: '00' });
    expect((await merchant.refund(queryId, refund)).fields).toMatchObject({ respCode: '12' });
    expect((await merchant.refund(queryId, { ...refund, txnAmt: '2' })).fields).toMatchObject({ respCode: '12' });
    expect((await merchant.cancel(queryId, { orderId: refund.orderId })).fields).toMatchObject({ respCode: '12' });
    expect((await merchant.refund(queryId, { orderId })).fields).toMatchObject({ respCode: '12' });
    await repeated(await merchant.submit(merchant.consumeFields({ orderId: refund.orderId })));
    expect((await world.log(orderId)).refunds).toMatchObject([{ amount: 1 }]);
  });

  it('to know a transaction by another time, or another gateway’s', async () => {
    const paid = await merchant.paidOrder();
    expect((await merchant.query(paid, { txnTime: merchant.time(1_000) })).fields).toMatchObject({ respCode: '34' });
    expect((await merchant.query({ orderId: merchant.number(), txnTime: paid.txnTime })).fields).toMatchObject({ respCode: '34' });
    const refund = { orderId: merchant.number(), txnTime: merchant.time() };
    await merchant.refund(paid.queryId, refund);
    expect((await merchant.query(refund, { txnTime: merchant.time(1_000) })).fields).toMatchObject({ respCode: '34' });

    const elsewhere = `A${merchant.number()}`;
    await world.paidOrder({ out_trade_no: elsewhere });
    expect((await merchant.query({ orderId: elsewhere, txnTime: merchant.time() })).fields).toMatchObject({ respCode: '34' });
    expect(await (await merchant.submit(merchant.consumeFields({ orderId: elsewhere }))).text()).toContain('<code>12</code>');
  });

  it('to give back what nobody paid', async () => {
    const { orderId } = await merchant.openOrder();
    const { tradeNo } = (await world.log(orderId)).trades[0] ?? {};
    expect((await merchant.refund(String(tradeNo))).fields).toMatchObject({ respCode: '35' });
    expect((await merchant.cancel(String(tradeNo))).fields).toMatchObject({ respCode: '35' });
  });

  it('bodies that are no form at all, without falling over', async () => {
    for (const entrance of ['frontTransReq.do', 'backTransReq.do', 'queryTrans.do']) {
      for (const body of ['', '%', '%ff=%ff&=', '{"a":', '\u0000'.repeat(1000), '&&&&====', '__proto__=1&version=5.1.0']) {
        const answer = await fetch(`${merchant.account.gatewayUrl}/gateway/api/${entrance}`, { method: 'POST', body });
        expect([answer.status, await answer.text()]).toEqual([200, expect.stringMatching(/respCode=1[03]&|<code>1[03]<\/code>/)]);
      }
    }
  });

  it('to say again in an answer what would break it', async () => {
    const { text, fields } = await merchant.query({ orderId: 'A1234567&respCode=00&origRespCode=00', txnTime: merchant.time() });
    expect(fields).toMatchObject({ respCode: '10' });
    expect(text).not.toContain('origRespCode');
  });

  function signedDirectly(fields: Fields, algorithm: string, content: (text: string) => string): string {
    const key = createPrivateKey(merchant.account.certificate);
    return createSign(algorithm)
      .update(content(textOf(fields)))
      .sign(key, 'base64');
  }
});

function unsigned(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'signature'));
}

function textOf(signed: Fields): string {
  const fields = unsigned(signed);
  const names = Object.keys(fields).filter((name) => fields[name] !== '');
  return names
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');
}

function sha(text: string, algorithm: string): string {
  return createHash(algorithm).update(text).digest('hex');
}
