import { setTimeout as pause } from 'node:timers/promises';

import type { Random } from '../random.js';
import type { Stage } from '../stage.js';
import { measured, type Injected, type Kind } from './kind.js';

const SETTLING_BOUND = 30_000;
const LONGEST = 90_000;
const BETWEEN_LOOKS = 200;

/** Attempts and refunds whose outcome is not known, or is waited for, as of now. */
const OPEN = `
  SELECT id FROM payment_attempts WHERE status = 'unknown'
  UNION ALL SELECT id FROM refunds WHERE status IN ('processing', 'unknown')`;

/** How long until all that was unknown when the gateways came back is settled. */
async function settled({ postgres }: Stage): Promise<{ readonly recovery: number | 'never'; readonly count: number }> {
  const since = performance.now();
  const open = (await postgres.query<{ id: string }>(OPEN)).map(({ id }) => id);
  for (let left = open; ;) {
    if (left.length === 0) return { recovery: performance.now() - since, count: open.length };
    if (performance.now() - since > LONGEST) return { recovery: measured(undefined), count: open.length };
    await pause(BETWEEN_LOOKS);
    const still = new Set((await postgres.query<{ id: string }>(OPEN)).map(({ id }) => id));
    left = left.filter((id) => still.has(id));
  }
}

async function broken(stage: Stage, milliseconds: number, note: string): Promise<Injected> {
  await pause(milliseconds);
  await stage.gateways.control('DELETE', 'faults');
  await stage.gateways.control('POST', 'outage', { on: false });
  stage.calls.mend();
  const { recovery, count } = await settled(stage);
  return { recovery, note: `${note}for ${milliseconds} ms; ${count} outcomes were open` };
}

/** Calls of any gateway are spoilt so, for a while. */
const spoilt = (name: string, title: string, kinds: readonly string[]): Kind => ({
  name,
  title,
  bound: SETTLING_BOUND,
  inject: async (stage, random) => {
    const kind = random.pick(kinds);
    await stage.gateways.control('POST', 'faults', { kind, times: 0 });
    return broken(stage, random.between(1_500, 4_000), kinds.length > 1 ? `${kind}, ` : '');
  },
});

async function outage(stage: Stage, random: Random): Promise<Injected> {
  await stage.gateways.control('POST', 'outage', { on: true });
  return broken(stage, random.between(4_000, 12_000), '');
}

export const GATEWAYS: readonly Kind[] = [
  spoilt('gateway-timeouts', 'gateways that do not answer', ['timeout']),
  spoilt('gateway-5xx', 'gateways that answer 5xx, and do it or do not', [
    'http_500',
    'http_502',
    'succeed_then_500',
    'system_error',
    'system_error_done',
  ]),
  spoilt('gateway-garbage', 'gateways that answer garbage, or sign as a stranger, or not at all', [
    'garbage',
    'wrong_signature',
    'unsigned',
  ]),
  spoilt('gateway-reset-after-success', 'gateways that do it, and reset the connection', ['succeed_then_reset']),
  {
    name: 'gateway-slow-bodies',
    title: 'answers of the gateways that come a few bytes at a time',
    bound: SETTLING_BOUND,
    inject: (stage, random) => {
      stage.calls.slow({ delay: 40, atATime: random.between(8, 64) });
      return broken(stage, random.between(2_000, 5_000), '');
    },
  },
  { name: 'gateway-outage', title: 'all gateways down for a while', bound: SETTLING_BOUND, inject: outage },
  {
    name: 'gateway-outage-long',
    title: 'all gateways down for minutes (--only)',
    bound: SETTLING_BOUND,
    isRare: true,
    inject: async (stage, random) => {
      await stage.gateways.control('POST', 'outage', { on: true });
      return broken(stage, random.between(120_000, 180_000), '');
    },
  },
];
