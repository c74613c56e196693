import { setTimeout as pause } from 'node:timers/promises';

import { isAcknowledged, Letterbox, post, type Letter } from '../hostile/genuine.js';
import { statementsSentDuring } from '../support/statements.js';
import { useWorld, type AttemptBody, type OrderBody } from '../support/world.js';

const MANY = 100;
/** Transactions: two that were under way when most of them came, the rest, and some for those who came late. */
const FEW = 10;
/** As long as a busy machine takes to send them. In milliseconds. */
const TO_COME = 300;
const WARM_UP = 20;

/** The statements of each transaction that was committed while `act` ran, in their order. */
async function transactionsOf(act: () => Promise<unknown>): Promise<string[][]> {
  const { statements } = await statementsSentDuring(act);
  const open = new Map<unknown, string[]>();
  const committed: string[][] = [];
  for (const { stream, text } of statements) {
    if (text === 'BEGIN') open.set(stream, []);
    else if (text === 'COMMIT') {
      committed.push(open.get(stream) ?? []);
      open.delete(stream);
    } else open.get(stream)?.push(text);
  }
  return committed;
}

describe('However many come at once, a transaction has the same statements', () => {
  const world = useWorld();
  const numbers = Array.from({ length: MANY }, (_, index) => index);
  const body = { customerId: 'c', items: [{ sku: 'ONE', quantity: 1 }] };
  let orders: OrderBody[] = [];
  let attempts: AttemptBody[] = [];

  const place = async (key: string): Promise<OrderBody> => {
    const placed = await world.api.post<OrderBody>('/v1/orders', body, { idempotencyKey: key });
    expect(placed.status).toBe(201);
    return placed.body;
  };
  const start = async (order: OrderBody): Promise<AttemptBody> => world.startPayment(order);

  /** One alone, then many at once: those of the many are the one's, and there are a few for all of them. */
  async function isTheSame(one: () => Promise<unknown>, many: () => Promise<unknown>): Promise<void> {
    const [alone, ...none] = await transactionsOf(one);
    expect(none).toEqual([]);
    expect(alone?.length).toBeGreaterThan(3);
    const together = await transactionsOf(() => atOnce(many));
    for (const statements of together) expect(statements).toEqual(alone);
    expect(together.length).toBeLessThanOrEqual(FEW);
  }

  /** Nobody gets as far as a commit before they have come. */
  async function atOnce(many: () => Promise<unknown>): Promise<void> {
    const holder = world.db.createQueryRunner();
    await holder.startTransaction();
    await holder.query('LOCK TABLE events IN SHARE MODE');
    try {
      const answered = many();
      await Promise.race([answered, pause(TO_COME)]);
      await holder.rollbackTransaction();
      await answered;
    } finally {
      if (holder.isTransactionActive) await holder.rollbackTransaction();
      await holder.release();
    }
  }

  beforeAll(async () => {
    await world.addProduct({ sku: 'ONE', stock: 1_000 });
    // Its price is remembered from here on.
    await place('first');
  });

  it('when orders are placed', async () => {
    await isTheSame(
      () => place('alone'),
      async () => (orders = await Promise.all(numbers.map((number) => place(`together-${number}`)))),
    );
  });

  it('and their stock, which others may wait for, is taken last of all', async () => {
    const [statements] = await transactionsOf(() => place('taken-last'));
    expect(statements?.filter((text) => text.includes('stock_levels'))).toEqual([statements?.at(-1)]);
    expect(statements?.at(-1)).toContain('UPDATE stock_levels');
  });

  it('and one that comes alone has as few answers of the database as can be: one for what is done, and one for what has to be looked at before', async () => {
    const oneAfterTheOther = async () => {
      let order: OrderBody | undefined;
      const placing = await statementsSentDuring(async () => (order = await place(`counted-${(count += 1)}`)));
      let attempt: AttemptBody | undefined;
      const starting = await statementsSentDuring(async () => (attempt = await start(order as OrderBody)));
      await world.payer.pays(attempt as AttemptBody);
      const applying = await statementsSentDuring(() => world.payer.notifies(attempt as AttemptBody));
      return [placing.syncs, starting.syncs, applying.syncs];
    };
    let count = 0;
    await world.payer.noticesAre('drop');
    // Whatever a connection has not prepared yet is asked for itself.
    for (let times = 0; times < WARM_UP; times += 1) await oneAfterTheOther();
    expect(await oneAfterTheOther()).toEqual([1, 2, 2]);
  });

  it('when payments are started', async () => {
    const alone = await place('to-be-paid');
    await isTheSame(
      () => start(alone),
      async () => (attempts = await Promise.all(orders.map(start))),
    );
  });

  it('when notices are applied', async () => {
    const alone = await start(await place('paid-alone'));
    await world.payer.noticesAre('drop');
    for (const attempt of [alone, ...attempts]) await world.payer.pays(attempt);
    await world.payer.noticesAre('deliver');
    // Signed before, or they would come one after the other, as fast as they are signed.
    const box = await Letterbox.open();
    const letters: Letter[] = [];
    for (const attempt of [alone, ...attempts]) letters.push(await box.letterAbout(world, attempt));
    await box.close();
    const [first, ...others] = letters as [Letter, ...Letter[]];
    const send = async (letter: Letter) => expect(isAcknowledged('alipay', await post(world, 'alipay', letter))).toBe(true);
    await isTheSame(
      () => send(first),
      () => Promise.all(others.map(send)),
    );
    const { body: paid } = await world.api.get<{ data: OrderBody[] }>('/v1/orders?status=awaiting_shipment&limit=100');
    expect(paid.data).toHaveLength(MANY);
  });

  it('when orders are cancelled', async () => {
    const unpaid = await Promise.all(numbers.map((number) => place(`unpaid-${number}`)));
    const alone = await place('cancelled-alone');
    const cancel = ({ id }: OrderBody) => world.api.post(`/v1/orders/${id}/cancel`, {});
    await isTheSame(
      () => cancel(alone),
      () => Promise.all(unpaid.map(cancel)),
    );
    expect(await world.stock('ONE')).toMatchObject({ reserved: MANY + WARM_UP + 6 });
  });

  it('when orders expire', async () => {
    await Promise.all(numbers.map((number) => place(`expiring-${number}`)));
    const expiring = await transactionsOf(() => world.passTime(31 * 60_000));
    const closing = expiring.filter((statements) => statements.some((text) => text.startsWith('UPDATE orders')));
    expect(closing.length).toBeGreaterThan(0);
    expect(closing.length).toBeLessThanOrEqual(4);
    expect(await world.stock('ONE')).toMatchObject({ reserved: MANY + WARM_UP + 2 });
  });
});
