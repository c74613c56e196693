import { setTimeout as pause } from 'node:timers/promises';

import { PROBE } from '../load/goods.js';
import type { Attempt, Order } from '../load/shop.js';
import type { Random } from '../random.js';
import type { Stage } from '../stage.js';
import type { Injected, Kind } from './kind.js';

const AT_ONCE = 5;
/** What a gateway takes for "I have it". */
const TAKEN = /^(?:success|ok)$/i;

interface Begun {
  readonly order: Order;
  readonly attempt: Attempt;
}

/** Orders whose payer stands at the cashier. */
async function begun({ shop }: Stage, random: Random, count = AT_ONCE): Promise<Begun[]> {
  const all = await Promise.all(
    Array.from({ length: count }, async () => {
      const order = await shop.place([{ sku: PROBE.sku, quantity: 1 }]);
      const attempt = order && (await shop.startPayment(order, random));
      return order && attempt ? [{ order, attempt }] : [];
    }),
  );
  return all.flat();
}

async function duplicated(stage: Stage, random: Random): Promise<Injected> {
  const times = random.between(3, 15);
  const all = await begun(stage, random);
  await Promise.all(all.map(({ attempt }) => stage.shop.pays(attempt, { times, concurrent: true })));
  return { note: `${all.length} payments, each announced ${times} times at once` };
}

/** For everybody who pays meanwhile, what the gateways say comes late, and the last word first. */
async function reordered(stage: Stage, random: Random): Promise<Injected> {
  const milliseconds = random.between(1_000, 3_000);
  await stage.gateways.control('POST', 'notices', { mode: 'hold', refunds: true });
  await pause(milliseconds);
  await stage.gateways.control('POST', 'notices/release', { order: 'reversed' });
  await stage.gateways.control('POST', 'notices', { mode: 'deliver' });
  await stage.gateways.control('POST', 'notices/release', { order: 'reversed' });
  return { note: `held for ${milliseconds} ms, and sent the other way round` };
}

async function pastTheCancel(stage: Stage, random: Random): Promise<Injected> {
  const all = await begun(stage, random);
  await stage.gateways.control('POST', 'notices', { mode: 'hold' });
  await Promise.all(all.map(({ attempt }) => stage.shop.pays(attempt)));
  await Promise.all(all.map(({ order }) => stage.shop.cancel(order)));
  await pause(random.between(500, 2_500));
  await stage.gateways.control('POST', 'notices', { mode: 'deliver' });
  await stage.gateways.control('POST', 'notices/release', {});
  return { note: `${all.length} orders paid, cancelled, and announced then` };
}

async function replayed(stage: Stage, random: Random): Promise<Injected> {
  const recent = stage.told.attempts.slice(-200);
  const chosen = random.shuffled(recent).slice(0, AT_ONCE);
  const times = random.between(2, 10);
  // Of those whose trade nobody opened there is nothing to say.
  const sent = await Promise.all(
    chosen.map(({ outTradeNo }) => stage.gateways.notifies(outTradeNo, { times, concurrent: true }).catch(() => [])),
  );
  return { note: `${sent.flat().length} notices of ${chosen.length} payments said once more` };
}

const FORGERIES = ['other_key', 'no_signature', 'empty_signature'];

async function forged(stage: Stage, random: Random): Promise<Injected> {
  const all = await begun(stage, random);
  const wrong: string[] = [];
  for (const { order, attempt } of all) {
    stage.unpaid.push(order.id);
    const forge = random.pick(FORGERIES);
    const word = { alipay: 'TRADE_SUCCESS', wechatpay: 'SUCCESS', unionpay: '00' };
    const tradeStatus = word[attempt.gateway as keyof typeof word];
    const notices = await stage.gateways.notifies(attempt.outTradeNo, { forge, tradeStatus, times: 3 }).catch(() => []);
    for (const { body } of notices) if (TAKEN.test(body ?? '')) wrong.push(`a notice forged with ${forge} was taken for order ${order.id}`);
    await stage.shop.cancel(order);
  }
  return { wrong, note: `${all.length} orders` };
}

export const NOTICES: readonly Kind[] = [
  { name: 'notices-duplicated', title: 'callbacks that come many times at once', inject: duplicated },
  { name: 'notices-reordered', title: 'callbacks of everybody held back, and sent the other way round', inject: reordered },
  { name: 'notices-past-the-cancel', title: 'callbacks of money that came before the cancel, after it', inject: pastTheCancel },
  { name: 'notices-replayed', title: 'callbacks of old said once more', inject: replayed },
  { name: 'notices-forged', title: 'callbacks that nobody of the gateways signed', inject: forged },
];
