import { newId } from '../../src/kernel/ids.js';
import { PaymentStore, type Due } from '../../src/payment/payment.store.js';
import { Transactions } from '../../src/platform/events/transactions.js';
import { useWorld, type AttemptBody } from '../support/world.js';

describe('What is due to be asked about', () => {
  const world = useWorld();
  const claim = (due: Partial<Due>) =>
    world.app
      .get(Transactions)
      .run({ correlationId: newId(), causationId: null, actor: 'test' }, (work) =>
        world.app.get(PaymentStore).claimAttempts(work, { gateway: 'alipay', most: 1, unreachable: new Map(), ...due }),
      );

  /** Two attempts that are due: one that waits, and one that is unknown and was due later. */
  async function due(sku: string): Promise<{ waiting: AttemptBody; unknown: AttemptBody }> {
    const waiting = await world.startPayment(await world.placeOrder({ sku: `${sku}-1` }));
    const unknown = await world.startPayment(await world.placeOrder({ sku: `${sku}-2` }));
    await world.payer.breaks({ gateway: 'alipay', kind: 'garbage', times: 1 });
    const { body } = await world.api.post(`/v1/payments/${unknown.id}/sync`);
    expect(body).toMatchObject({ status: 'unknown' });
    await world.db.query(`UPDATE payment_attempts SET ask_at = now() - interval '9 minutes' WHERE id = $1`, [waiting.id]);
    await world.db.query(`UPDATE payment_attempts SET ask_at = now() - interval '1 minute' WHERE id = $1`, [unknown.id]);
    return { waiting, unknown };
  }

  it('is what is unknown, before what was due before it and waits', async () => {
    const { waiting, unknown } = await due('ALL');
    expect(await claim({})).toMatchObject([{ id: unknown.id }]);
    expect(await claim({})).toMatchObject([{ id: waiting.id }]);
    expect(await claim({})).toEqual([]);
  });

  it('is nothing of an account that rests, and of one that may be back a single one', async () => {
    const { unknown } = await due('ONE');
    const [{ account }] = await world.db.query<[{ account: string }]>('SELECT account_id AS account FROM payment_attempts WHERE id = $1', [
      unknown.id,
    ]);
    expect(await claim({ most: 64, unreachable: new Map([[account, 'resting']]) })).toEqual([]);
    expect(await claim({ most: 64, unreachable: new Map([[account, 'probing']]) })).toMatchObject([{ id: unknown.id }]);
  });
});
