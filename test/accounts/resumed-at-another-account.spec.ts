import { SECOND } from '../../src/kernel/clock.js';
import { Gateways } from '../../src/payment/gateway/gateways.js';
import { useWorld, type AttemptBody } from '../support/world.js';

const PATH = '/v1/admin/gateway-accounts';

describe('The account of a payment', () => {
  const world = useWorld();

  const secondAccount = async () => {
    const { certificateMode, gatewayUrl } = world.simulator.alipay;
    const { appId, sellerId, appPrivateKey: privateKey, appCertificate, alipayCertificate, rootCertificate } = certificateMode;
    const settings = { gatewayUrl, appId, sellerId, privateKey, appCertificate, alipayCertificate, rootCertificates: rootCertificate };
    const added = await world.api.post<{ id: string }>(PATH, { gateway: 'alipay', name: 'second', settings });
    expect(added.status).toBe(201);
    return added.body.id;
  };

  it('is the same when the request is gone on with after a crash, although another one is the default by then', async () => {
    const second = await secondAccount();
    const order = await world.placeOrder({ sku: 'RESUMED' });
    const send = () =>
      world.api.post<AttemptBody>(`/v1/orders/${order.id}/payments`, { gateway: 'alipay', method: 'qr' }, { idempotencyKey: 'resumed' });
    const gateways = world.app.get(Gateways);
    const first = (await gateways.receiving('alipay')).find(({ account }) => account.isDefault);
    if (!first) throw new Error('there is a default account');
    const died = jest
      .spyOn(gateways, 'offering')
      .mockResolvedValue({ ...first, gateway: { ...first.gateway, pay: () => Promise.reject(new Error('the process died here')) } });
    expect((await send()).status).toBe(500);
    died.mockRestore();
    expect((await world.api.patch(`${PATH}/${second}`, { isDefault: true })).status).toBe(200);
    world.clock.advance(31 * SECOND);

    const again = await send();
    expect(again).toMatchObject({ status: 201, body: { accountId: first.account.id } });
    const { notices } = await world.payer.pays(again.body);
    await world.passTime(10 * SECOND);

    expect(notices).toMatchObject([{ body: 'success' }]);
    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment' });
  });

  it('may be disabled, and what was answered under a key before is answered the same', async () => {
    const order = await world.placeOrder({ sku: 'REPLAYED' });
    const send = () =>
      world.api.post<AttemptBody>(`/v1/orders/${order.id}/payments`, { gateway: 'wechatpay', method: 'native' }, { idempotencyKey: 'r' });
    const first = await send();
    expect(first.status).toBe(201);
    const { accountId } = first.body as unknown as { accountId: string };
    await world.api.patch(`${PATH}/${accountId}`, { enabled: false });

    const again = await send();

    expect(again).toMatchObject({ status: 201, body: first.body });
  });
});
