import { setTimeout as pause } from 'node:timers/promises';

import { BenchFailed } from '../failures.js';
import { median } from '../report/percentiles.js';
import type { ScenarioResult } from '../report/result.js';
import type { Run } from '../run.js';
import { onStage } from '../stage.js';
import { overHttp, takeTurns } from '../turns.js';
import { residentBytesOf } from '../world/processes.js';
import { goods } from '../world/goods.js';

const EVERY = 1_000;
const MINUTE = 60;
const MEBIBYTE = 2 ** 20;
/** Of the first minute's. */
const MAY_GROW = 0.2;

/** One long round of orders, and the memory of the program at its begin and at its end. Fails where it has grown by more than a fifth. */
export function memory(given: Run): Promise<ScenarioResult> {
  const run = { ...given, settings: { ...given.settings, rounds: 1 } };
  const { seconds } = run.settings;
  const sold = goods('BENCH', 50);
  return onStage(run, { sold: [sold], contenders: ['suanpan'] }, async (stage) => {
    const contenders = await overHttp(run, stage, {
      skus: () => sold.skus,
      work: (time) => ({ kind: 'orders', lines: 2, ...time }),
    });
    const samples: number[] = [];
    const over = new AbortController();
    const watching = watch(stage.suanpan?.pid ?? 0, samples, over.signal);
    const series = await takeTurns(run, contenders).finally(() => over.abort());
    await watching;
    const minute = Math.min(MINUTE, Math.floor(samples.length / 2));
    const [first, last] = [samples.slice(0, minute), samples.slice(-minute)].map(median);
    if (first === undefined || last === undefined || Number.isNaN(first))
      throw new BenchFailed('this machine does not tell how much memory a process has');
    const grown = last / first - 1;
    const figures = `${mebibytes(first)} MiB in the first ${minute} s, ${mebibytes(last)} MiB in the last, at most ${mebibytes(Math.max(...samples))} MiB`;
    const remark = `Resident memory: ${figures}: ${grown < 0 ? '' : '+'}${(100 * grown).toFixed(0)} %.`;
    // Looking through millions of orders afterwards takes minutes: what was measured is told before.
    run.say(remark);
    if (grown > MAY_GROW) throw new BenchFailed(`memory has grown by ${(100 * grown).toFixed(0)} %: ${figures}`);
    return {
      scenario: 'memory',
      title: `Orders of 2 lines for ${seconds} s`,
      unit: 'orders',
      series,
      compared: false,
      remarks: [remark],
    };
  });
}

async function watch(pid: number, samples: number[], over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const bytes = residentBytesOf(pid);
    if (bytes !== undefined) samples.push(bytes);
    await pause(EVERY, undefined, { signal: over }).catch(() => undefined);
  }
}

const mebibytes = (bytes: number): string => (bytes / MEBIBYTE).toFixed(0);
