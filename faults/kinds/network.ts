import { setTimeout as pause } from 'node:timers/promises';

import { firstWrite } from '../probe.js';
import type { Proxy } from '../proxy/proxy.js';
import type { Random } from '../random.js';
import type { Stage } from '../stage.js';
import { measured, type Injected, type Kind } from './kind.js';

interface Between {
  readonly where: string;
  readonly proxy: Proxy;
}

/** Any two of the parts. */
function between({ sides: [a, b], calls, notices }: Stage, random: Random): Between {
  return random.pick([
    { where: 'clients and replica a', proxy: a.front },
    { where: 'clients and replica b', proxy: b.front },
    { where: 'replica a and PostgreSQL', proxy: a.back },
    { where: 'replica b and PostgreSQL', proxy: b.back },
    { where: 'replicas and gateways', proxy: calls },
    { where: 'gateways and replicas', proxy: notices },
  ]);
}

/** Breaks one of the ways for a while, mends it, and looks whether writing goes on. */
async function disturb(stage: Stage, random: Random, milliseconds: number, how: (proxy: Proxy) => void): Promise<Injected> {
  const { where, proxy } = between(stage, random);
  how(proxy);
  await pause(milliseconds);
  const since = performance.now();
  proxy.mend();
  return {
    recovery: measured(await firstWrite(stage, since)),
    note: `between ${where}${milliseconds > 0 ? `, for ${milliseconds} ms` : ''}`,
  };
}

export const NETWORK: readonly Kind[] = [
  {
    name: 'connections-cut',
    title: 'all connections between two parts cut',
    inject: (stage, random) => disturb(stage, random, 0, (proxy) => proxy.cut()),
  },
  {
    name: 'connections-delayed',
    title: 'every piece between two parts late',
    inject: (stage, random) => {
      const delay = random.between(50, 500);
      return disturb(stage, random, random.between(1_000, 4_000), (proxy) => proxy.slow({ delay, atATime: undefined }));
    },
  },
  {
    name: 'connections-stalled',
    title: 'nothing passes between two parts, and then everything',
    inject: (stage, random) => disturb(stage, random, random.between(1_000, 6_000), (proxy) => proxy.freeze()),
  },
  {
    name: 'connections-half-open',
    title: 'one end of the connections gone, and the other not told',
    inject: (stage, random) => disturb(stage, random, random.between(1_000, 6_000), (proxy) => proxy.sever()),
  },
];
