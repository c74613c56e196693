import { newId } from '../../src/kernel/ids.js';
import { Gateways } from '../../src/payment/gateway/gateways.js';
import { SECOND } from '../../src/kernel/clock.js';
import { Commands, type CommandRequest } from '../../src/platform/commands/commands.js';
import { useWorld, type AttemptBody } from '../support/world.js';

describe('A request that speaks to the outside between two transactions', () => {
  const world = useWorld();

  it('is answered once, and its answer is given again', async () => {
    const order = await world.placeOrder({ sku: 'QR-KEY' });
    const send = () =>
      world.api.post<AttemptBody>(`/v1/orders/${order.id}/payments`, { gateway: 'alipay', method: 'qr' }, { idempotencyKey: 'qr-1' });
    const answers = await Promise.all(Array.from({ length: 10 }, send));
    const again = await send();
    expect(again).toMatchObject({ status: 201, body: { status: 'pending' } });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const first = answers.filter(({ status }) => status === 201);
    expect(first.every(({ body }) => body.id === again.body.id)).toBe(true);
    expect(answers.every(({ status, body }) => status === 201 || (body as { code?: string }).code === 'idempotency_in_progress')).toBe(
      true,
    );
  });

  it('goes on with the same thing when it is sent again after the process died', async () => {
    const commands = world.app.get(Commands);
    const request = await requestOfMine('died');
    const ids: string[] = [];
    const died = commands.runAcross(request, (id) => {
      ids.push(id);
      throw new Error('the process died here');
    });
    await expect(died).rejects.toThrow('died here');

    const tooSoon = commands.runAcross(request, (id) => Promise.resolve({ sent: id }));
    await expect(tooSoon).rejects.toMatchObject({ code: 'idempotency_in_progress' });

    world.clock.advance(31 * SECOND);
    const answer = await commands.runAcross(request, (id) => Promise.resolve({ sent: id }));
    expect(answer).toEqual({ sent: ids[0] });
    expect(await commands.runAcross(request, () => Promise.reject(new Error('must not run')))).toEqual(answer);
  });

  it('goes on with the attempt that was written down where the process died before it called the gateway', async () => {
    const order = await world.placeOrder({ sku: 'QR-DIED' });
    const send = () =>
      world.api.post<AttemptBody>(`/v1/orders/${order.id}/payments`, { gateway: 'alipay', method: 'qr' }, { idempotencyKey: 'qr-died' });
    const gateways = world.app.get(Gateways);
    const [alipay] = await gateways.receiving('alipay');
    if (!alipay) throw new Error('the world has an account at Alipay');
    const died = jest
      .spyOn(gateways, 'offering')
      .mockResolvedValue({ ...alipay, gateway: { ...alipay.gateway, pay: () => Promise.reject(new Error('the process died here')) } });
    expect((await send()).status).toBe(500);
    died.mockRestore();
    const written = await world.db.query<{ id: string; status: string }[]>('SELECT id, status FROM payment_attempts WHERE order_id = $1', [
      order.id,
    ]);
    expect(written).toMatchObject([{ status: 'created' }]);

    world.clock.advance(31 * SECOND);
    const again = await send();

    expect(again).toMatchObject({ status: 201, body: { id: written[0]?.id, status: 'pending', action: { type: 'qr_code' } } });
    expect(await world.db.query<unknown[]>('SELECT id FROM payment_attempts WHERE order_id = $1', [order.id])).toHaveLength(1);
  });

  async function requestOfMine(key: string): Promise<CommandRequest> {
    const [merchant] = await world.db.query<{ id: string }[]>('SELECT id FROM merchants');
    return {
      origin: { correlationId: newId(), causationId: null, actor: 'test' },
      idempotency: { merchantId: merchant?.id ?? '', key, requestHash: 'the same' },
    };
  }
});
