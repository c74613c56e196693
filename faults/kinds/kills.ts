import { setTimeout as pause } from 'node:timers/promises';

import { firstWrite } from '../probe.js';
import type { Random } from '../random.js';
import type { Side, Stage } from '../stage.js';
import { signal, type Process } from '../world/processes.js';
import { measured, type Injected, type Kind } from './kind.js';

const API_BOUND = 3_000;

/** Processes that are killed, and how long until a write is acknowledged again: by one of `sides`. */
async function kill(stage: Stage, victims: readonly Process[], sides: readonly Side[]): Promise<Injected> {
  const since = performance.now();
  const killed = victims.filter(({ pid }) => signal(pid, 'SIGKILL')).length;
  return { killed, recovery: measured(await firstWrite(stage, since, sides)), note: victims.map(({ pid }) => pid).join(', ') };
}

async function freeze(stage: Stage, victims: readonly Process[], random: Random): Promise<Injected> {
  const milliseconds = random.between(1_000, 4_000);
  for (const { pid } of victims) signal(pid, 'SIGSTOP');
  await pause(milliseconds);
  const since = performance.now();
  for (const { pid } of victims) signal(pid, 'SIGCONT');
  return { recovery: measured(await firstWrite(stage, since)), note: `for ${milliseconds} ms` };
}

const some = (processes: readonly Process[], random: Random): Process[] => (processes.length === 0 ? [] : [random.pick(processes)]);

export const KILLS: readonly Kind[] = [
  {
    name: 'api-killed',
    weight: 2,
    title: 'kill -9 of an API process',
    bound: API_BOUND,
    inject: (stage, random) => {
      const side = random.pick(stage.sides);
      return kill(stage, some(side.replica.having('api'), random), stage.sides);
    },
  },
  {
    name: 'worker-killed',
    weight: 2,
    title: 'kill -9 of the worker',
    inject: (stage) => kill(stage, stage.sides[0].replica.having('worker'), stage.sides),
  },
  {
    name: 'replica-killed',
    weight: 2,
    title: 'kill -9 of every process of one replica',
    bound: API_BOUND,
    inject: (stage, random) => kill(stage, random.pick(stage.sides).replica.processes(), stage.sides),
  },
  {
    name: 'all-killed',
    weight: 2,
    title: 'kill -9 of every process of every replica at once',
    bound: API_BOUND,
    inject: (stage) =>
      kill(
        stage,
        stage.sides.flatMap(({ replica }) => replica.processes()),
        stage.sides,
      ),
  },
  {
    name: 'api-stopped',
    title: 'SIGSTOP of an API process, and SIGCONT',
    inject: (stage, random) => freeze(stage, some(random.pick(stage.sides).replica.having('api'), random), random),
  },
  {
    name: 'worker-stopped',
    title: 'SIGSTOP of the worker, and SIGCONT',
    inject: (stage, random) => freeze(stage, stage.sides[0].replica.having('worker'), random),
  },
];
