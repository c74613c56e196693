import { setTimeout as pause } from 'node:timers/promises';

import type { Random } from '../random.js';
import type { Stage } from '../stage.js';
import { measured, type Injected, type Kind } from './kind.js';

const SETTLING_BOUND = 30_000;
const LONGEST = 90_000;
const BETWEEN_LOOKS = 200;

/** An outcome that is not there yet. */
interface Open {
  readonly id: string;
  /** What it is, as it is put down in the report. */
  readonly what: string;
}

/** Attempts and refunds whose outcome is not known, or is waited for, as of now. */
const OPEN = `
  SELECT id, 'an attempt at ' || gateway || ', ' || status || ', asked ' || asked || ' times' AS what
    FROM payment_attempts WHERE status = 'unknown'
  UNION ALL
  SELECT id, 'a refund at ' || gateway || ', ' || status || ', asked ' || asked || ' times'
    FROM refunds WHERE status IN ('processing', 'unknown')`;

interface Settled {
  readonly recovery: number | 'never';
  readonly note: string;
}

/** How long until all that was unknown when the gateways came back is settled, and what was the last of it. */
async function settled({ postgres }: Stage): Promise<Settled> {
  const since = performance.now();
  const open = await postgres.query<Open>(OPEN);
  const wanted = new Set(open.map(({ id }) => id));
  for (let left = open; ;) {
    const still = (await postgres.query<Open>(OPEN)).filter(({ id }) => wanted.has(id));
    const count = `${open.length} outcomes were open`;
    if (still.length === 0) return { recovery: performance.now() - since, note: left[0] ? `${count}, the last ${left[0].what}` : count };
    if (performance.now() - since > LONGEST) return { recovery: measured(undefined), note: `${count}, and still ${still[0]?.what}` };
    left = still;
    await pause(BETWEEN_LOOKS);
  }
}

async function broken(stage: Stage, milliseconds: number, note: string): Promise<Injected> {
  await pause(milliseconds);
  await stage.gateways.control('DELETE', 'faults');
  await stage.gateways.control('POST', 'outage', { on: false });
  stage.calls.mend();
  const { recovery, note: outcomes } = await settled(stage);
  return { recovery, note: `${note}for ${milliseconds} ms; ${outcomes}` };
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
