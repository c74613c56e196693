import { Aes, Formatter, Rsa, Wechatpay } from 'wechatpay-axios-plugin';
import { useInbox, useSimulator, type Json } from './support.js';

/** A client that others wrote and that merchants use. It looks at the machine's clock, and so does the simulator here. */
describe('A merchant with wechatpay-axios-plugin', () => {
  const world = useSimulator({ clock: () => new Date() });
  const inbox = useInbox();

  function client(certs?: Record<string, string>): Wechatpay {
    const { baseUrl, mchId, serialNo, privateKey, publicKeyId, publicKey } = world.simulator.wechatpay;
    const account = { mchid: mchId, serial: serialNo, privateKey, certs: certs ?? { [publicKeyId]: publicKey } };
    return new Wechatpay({ ...account, baseURL: baseUrl, headers: { 'Wechatpay-Serial': publicKeyId } });
  }

  function order(): Json & { out_trade_no: string } {
    const { appId, mchId } = world.simulator.wechatpay;
    const said = { description: '龙井茶', notify_url: inbox.plainUrl, amount: { total: 500, currency: 'CNY' } };
    return { appid: appId, mchid: mchId, out_trade_no: world.number(), ...said };
  }

  const transactions = 'v3/pay/transactions';
  const byNumber = `${transactions}/out-trade-no/{out_trade_no}`;

  it('orders, asks, is told of the payment, gives back and asks again', async () => {
    const { mchId: mchid, apiV3Key, publicKey, publicKeyId } = world.simulator.wechatpay;
    const wxpay = client();
    const wanted = order();
    const { out_trade_no } = wanted;
    const placed = await wxpay.chain(`${transactions}/native`).post(wanted);
    expect(placed.data).toEqual({ code_url: expect.stringMatching(/^weixin:\/\/wxpay\/bizpayurl\?pr=/) as unknown });
    const asked = () => wxpay.chain(byNumber).get({ params: { mchid }, out_trade_no });
    expect((await asked()).data).toMatchObject({ trade_state: 'NOTPAY', amount: { total: 500 } });

    await world.control('POST', `/control/trades/${out_trade_no}/pay`, { url: (placed.data as Json).code_url });
    const { headers = {}, body = '' } = inbox.raw[0] ?? {};
    const [timestamp, nonce, signature] = ['timestamp', 'nonce', 'signature'].map((name) => String(headers[`wechatpay-${name}`]));
    expect(headers['wechatpay-serial']).toBe(publicKeyId);
    expect(Rsa.verify(Formatter.response(timestamp ?? '', nonce ?? '', body), signature ?? '', publicKey)).toBe(true);
    const { resource } = JSON.parse(body) as { resource: { ciphertext: string; nonce: string; associated_data: string } };
    const said = JSON.parse(Aes.AesGcm.decrypt(resource.ciphertext, apiV3Key, resource.nonce, resource.associated_data)) as Json;
    expect(said).toMatchObject({ out_trade_no, trade_state: 'SUCCESS', amount: { total: 500, payer_total: 500 } });
    expect((await asked()).data).toEqual(said);

    const refund = { out_trade_no, out_refund_no: `${out_trade_no}-R1`, amount: { refund: 200, total: 500, currency: 'CNY' } };
    const accepted = await wxpay.chain('v3/refund/domestic/refunds').post(refund);
    expect(accepted.data).toMatchObject({ status: 'PROCESSING', amount: { refund: 200 } });
    const { out_refund_no } = refund;
    const found = await wxpay.chain('v3/refund/domestic/refunds/{out_refund_no}').get({ out_refund_no });
    expect(found.data).toMatchObject({ status: 'SUCCESS', out_refund_no });
    expect((await asked()).data).toMatchObject({ trade_state: 'REFUND' });
  });

  it('closes an order, whose answer is signed although it has no body', async () => {
    const { mchId: mchid } = world.simulator.wechatpay;
    const wxpay = client();
    const wanted = order();
    await wxpay.chain(`${transactions}/native`).post(wanted);
    const { out_trade_no } = wanted;
    expect((await wxpay.chain(`${byNumber}/close`).post({ mchid }, { out_trade_no })).status).toBe(204);
    expect((await wxpay.chain(byNumber).get({ params: { mchid }, out_trade_no })).data).toMatchObject({ trade_state: 'CLOSED' });
  });

  it('is told of an error by its code', async () => {
    const { mchId: mchid } = world.simulator.wechatpay;
    const asked = client().chain(byNumber).get({ params: { mchid }, out_trade_no: 'none_such' });
    await expect(asked).rejects.toMatchObject({ response: { status: 404, data: { code: 'ORDER_NOT_EXIST' } } });
  });

  it.each(['wrong_signature', 'unsigned'])('notices an answer with %s', async (kind) => {
    await world.control('POST', '/control/faults', { gateway: 'wechatpay', method: 'native', kind });
    await expect(client().chain(`${transactions}/native`).post(order())).rejects.toThrow(/signature|Headers incomplete/);
  });

  it('refuses an answer under a name that it does not know', async () => {
    const { publicKey } = world.simulator.wechatpay;
    const placed = client({ ABCDEF: publicKey }).chain(`${transactions}/native`).post(order());
    await expect(placed).rejects.toThrow(/PUB_KEY_ID/);
  });
});
