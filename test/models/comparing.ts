import { EndRefunds, Gateways, PassTime, ReleaseNotices } from './circumstances.js';
import { Once, type ShopCommand } from './commands.js';
import { RequestRefund, RetryRefund, canBeRetried, failed } from './deeds/fulfilling.js';
import { refundable, type Model, type Order } from './model.js';
import { LONG, A_WHILE, type Body, type RealShop } from './shop.js';

interface RealOrder extends Body {
  readonly paymentStatus: string;
  readonly amountDue: number;
  readonly amountPaid: number;
  readonly amountRefunded: number;
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

/** The order, its units and money, its payments and refunds, the stock, and what the gateways say: as the model has them. */
export async function compare(model: Model, shop: RealShop): Promise<void> {
  for (const [sku, level] of model.stock) {
    expect({ sku, ...(await shop.world.stock(shop.skuOf(sku))) }).toMatchObject({
      sku: shop.skuOf(sku),
      ...level,
      available: level.onHand - level.reserved,
    });
  }
  for (const order of model.orders) await compareOrder(order, shop);
}

async function compareOrder(order: Order, shop: RealShop): Promise<void> {
  const { status, lines, due, payment, refunded } = order;
  const paid = payment === 'succeeded' ? due : 0;
  expect(await shop.get<RealOrder>(`/v1/orders/${order.id}`)).toMatchObject({
    ...{ status, amountDue: due, amountPaid: paid, amountRefunded: refunded },
    paymentStatus: paid === 0 ? 'unpaid' : refunded === 0 ? 'paid' : refunded < paid ? 'partially_refunded' : 'refunded',
    items: lines.map(({ sku, quantity, shipped, cancelled, returned }) => ({
      ...{ sku: shop.skuOf(sku), quantity, shippedQuantity: shipped, cancelledQuantity: cancelled, returnedQuantity: returned },
    })),
  });
  const { data } = await shop.get<{ data: { kind: string; amount: number; status: string }[] }>(`/v1/orders/${order.id}/refunds?limit=100`);
  const said = data.map(
    ({ kind, amount, status: real }) => `${kind} ${amount} ${real === 'succeeded' || real === 'failed' ? real : 'open'}`,
  );
  const expected = order.refunds.map(
    ({ kind, amount, state }) => `${kind} ${amount} ${state === 'succeeded' || state === 'failed' ? state : 'open'}`,
  );
  expect(said.sort()).toEqual(expected.sort());
  for (const { id, outTradeNo, known, usedAs, trade, givenBack } of order.attempts) {
    const real = await shop.get<Body & { usedAs: string | null }>(`/v1/payments/${id}`);
    const isOpen = ['created', 'pending', 'unknown'].includes(real.status);
    expect({ known: isOpen ? 'open' : real.status, usedAs: real.usedAs }).toEqual({ known, usedAs });
    const booked = await shop.world.payer.trade({ outTradeNo });
    const inBooks = { paid: booked?.paidAmount ?? 0, givenBack: booked?.refundedAmount ?? 0 };
    expect(inBooks).toEqual({ paid: trade === 'paid' ? due : 0, givenBack });
  }
}

/** Everything that is broken is mended, and time passes until nothing is on its way any more. Then no promise may be broken. */
export async function comeToRest(model: Model, shop: RealShop): Promise<void> {
  const perhaps = async (command: ShopCommand) => (command.check(model) ? command.run(model, shop) : undefined);
  await perhaps(new Gateways('up'));
  await perhaps(new Gateways('kind'));
  await perhaps(new ReleaseNotices('sent'));
  await new PassTime(LONG).run(model, shop);
  await endRefunds(model, shop);
  await retryAll(model, shop);
  await endRefunds(model, shop);
}

const MOST_ROUNDS = 5;

async function endRefunds(model: Model, shop: RealShop): Promise<void> {
  const areOpen = () => model.refunds.some(({ state }) => state !== 'succeeded' && state !== 'failed');
  for (let round = 0; areOpen() && round < MOST_ROUNDS; round += 1) {
    const ending = new EndRefunds('succeeded', false);
    if (ending.check(model)) await ending.run(model, shop);
    await new PassTime(A_WHILE).run(model, shop);
  }
}

/** A person tries again whatever can be, and gives back by hand what is left then of orders that are cancelled. */
async function retryAll(model: Model, shop: RealShop): Promise<void> {
  for (let next = failed(model).findIndex(canBeRetried); next >= 0; next = failed(model).findIndex(canBeRetried)) {
    await new Once(new RetryRefund(next)).run(model, shop);
  }
  for (const order of model.orders.filter(({ status }) => status === 'cancelled')) {
    const index = model.orders.filter((one) => refundable(one) > 0).indexOf(order);
    if (index >= 0) await new Once(new RequestRefund(index, undefined, 0)).run(model, shop);
  }
}
