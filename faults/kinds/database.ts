import { setTimeout as pause } from 'node:timers/promises';

import { firstWrite } from '../probe.js';
import type { Proxy } from '../proxy/proxy.js';
import type { Stage } from '../stage.js';
import { measured, type Injected, type Kind } from './kind.js';

const POSTGRES_BOUND = 5_000;
const STANDBY_BOUND = 10_000;
const LONGEST_WAIT = 6_000;
/** So long the standby follows before its primary dies. */
const FOLLOWS_FOR = 1_500;

async function crash(stage: Stage, how: 'SIGQUIT' | 'SIGKILL'): Promise<Injected> {
  const since = performance.now();
  await stage.postgres.crash(how);
  await stage.postgres.restart();
  return { killed: 1, recovery: measured(await firstWrite(stage, since)) };
}

/** The server has committed and says so, and whoever waits for that finds the connection broken. */
async function loseReply(stage: Stage): Promise<Injected> {
  const proxies: readonly Proxy[] = stage.sides.map(({ back }) => back);
  const since = await new Promise<number | undefined>((lost) => {
    const timer = setTimeout(() => lost(undefined), LONGEST_WAIT);
    let isLost = false;
    for (const proxy of proxies)
      proxy.watched((piece, direction, link) => {
        if (isLost || direction === 'up' || !piece.includes('COMMIT\0')) return 'pass';
        isLost = true;
        clearTimeout(timer);
        lost(performance.now());
        link.cut();
        return 'swallow';
      });
  });
  for (const proxy of proxies) proxy.watched(undefined);
  return since === undefined ? { note: 'nobody committed' } : { recovery: measured(await firstWrite(stage, since)) };
}

async function promote(stage: Stage): Promise<Injected> {
  const { postgres } = stage;
  const standby = await postgres.follow();
  await pause(FOLLOWS_FOR);
  const since = performance.now();
  await postgres.crash('SIGKILL');
  await postgres.promote(standby);
  return { killed: 1, recovery: measured(await firstWrite(stage, since)) };
}

export const DATABASE: readonly Kind[] = [
  {
    name: 'postgres-stopped',
    title: 'PostgreSQL stopped immediately and started again',
    bound: POSTGRES_BOUND,
    inject: (stage) => crash(stage, 'SIGQUIT'),
  },
  {
    name: 'postgres-killed',
    title: 'kill -9 of PostgreSQL, which is started again',
    bound: POSTGRES_BOUND,
    inject: (stage) => crash(stage, 'SIGKILL'),
  },
  {
    name: 'backend-killed',
    title: 'kill -9 of one of the processes of PostgreSQL, which ends all of them and recovers',
    bound: POSTGRES_BOUND,
    inject: async (stage) => {
      const since = performance.now();
      const killed = await stage.postgres.killBackend();
      return { killed, recovery: measured(await firstWrite(stage, since)) };
    },
  },
  { name: 'commit-reply-lost', title: 'the reply to COMMIT lost', inject: loseReply },
  {
    name: 'standby-promoted',
    title: 'the primary killed and a synchronous standby promoted',
    bound: STANDBY_BOUND,
    inject: promote,
  },
];
