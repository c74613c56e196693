import { setTimeout as pause } from 'node:timers/promises';

import { newId } from '../../src/kernel/ids.js';
import { Transactions } from '../../src/platform/events/transactions.js';
import { useWorld, WAYS, type AttemptBody, type OrderBody } from '../support/world.js';
import { Letterbox, post } from './genuine.js';

/** More of one order than there are transactions of a kind at once. */
const OF_ONE_ORDER = 4;
/** They do not come together: each finds the ones before it under way. In milliseconds. */
const APART = 40;
const PROMPTLY = 5_000;

interface Paid {
  readonly order: OrderBody;
  readonly attempt: AttemptBody;
}

describe('An order that is held by somebody else', () => {
  const world = useWorld();
  let box: Letterbox;
  beforeAll(async () => {
    box = await Letterbox.open();
  });
  afterAll(() => box.close());

  let orders = 0;
  const placed = () => world.placeOrder({ sku: `HELD-${(orders += 1)}` });
  /** Paid, as the gateway knows, and nobody has said so. */
  const paidUnheard = async (): Promise<Paid> => {
    const order = await placed();
    const attempt = await world.startPayment(order, WAYS.alipay);
    await world.payer.noticesAre('drop');
    await world.payer.pays(attempt);
    await world.payer.noticesAre('deliver');
    return { order, attempt };
  };
  const paid = async (): Promise<Paid> => {
    const { order, attempt } = await paidUnheard();
    await world.payer.notifies(attempt);
    return { order, attempt };
  };
  const about = async ({ order, attempt }: Paid) => {
    const letter = await box.letterAbout(world, attempt);
    return { order, send: () => post(world, 'alipay', letter) };
  };
  const asked = (order: OrderBody, what: string, body: object) => ({
    order,
    send: () => world.api.post(`/v1/orders/${order.id}/${what}`, body),
  });

  it.each<[string, () => Promise<{ order: OrderBody; send: () => Promise<{ readonly status: number }> }>]>([
    ['notices about it', async () => about(await paidUnheard())],
    ['those who cancel it', async () => asked(await placed(), 'cancel', {})],
    ['those who pay it', async () => asked(await placed(), 'payments', WAYS.alipay)],
    ['those who want its money back', async () => asked((await paid()).order, 'refunds', { amount: 1, reason: 'test' })],
  ])('holds up %s, and not those about another one', async (_, made) => {
    const [held, other] = [await made(), await made()];
    const letGo = await hold(held.order);
    const waiting: Promise<{ readonly status: number }>[] = [];
    for (let count = 0; count < OF_ONE_ORDER; count += 1) {
      waiting.push(held.send());
      await pause(APART);
    }
    const answered = await Promise.race([other.send(), pause(PROMPTLY, undefined, { ref: false })]);
    await letGo();
    expect(answered?.status).toBeLessThan(300);
    expect((await Promise.all(waiting))[0]?.status).toBeLessThan(300);
    await world.settle();
  });

  it('does not hold up what is not believed, for that locks nothing', async () => {
    const { order, attempt } = await paidUnheard();
    const { headers, body } = await box.letterAbout(world, attempt);
    const forged = { headers, body: Buffer.concat([body, Buffer.from('&forged=1')]) };
    const letGo = await hold(order);
    const answered = await Promise.race([post(world, 'alipay', forged), pause(PROMPTLY, undefined, { ref: false })]);
    await letGo();
    expect(answered).toMatchObject({ status: 200, body: 'fail' });
  });

  async function hold({ id }: OrderBody): Promise<() => Promise<void>> {
    const origin = { correlationId: newId(), causationId: null, actor: 'test' };
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let held: Promise<void> = Promise.resolve();
    await new Promise<void>((isHeld) => {
      held = world.app.get(Transactions).run(origin, async (work) => {
        await work.lockFamilies([id]);
        isHeld();
        await released;
      });
    });
    return () => (release(), held);
  }
});
