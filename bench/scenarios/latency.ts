import type { ScenarioResult, Series } from '../report/result.js';
import type { Run } from '../run.js';
import { onStage } from '../stage.js';
import { latenciesOf, median } from '../report/percentiles.js';
import { overHttp, takeTurns } from '../turns.js';
import { goods } from '../world/goods.js';

const LOAD = 0.5;
/** A second: so few that none meets another. */
const LONE_RATE = 20;

/** Orders of two lines at half of the rate that the program was just seen to do, and one at a time. */
export function latency(run: Run): Promise<ScenarioResult> {
  const sold = goods('BENCH', 50);
  const skus = () => sold.skus;
  return onStage(run, { sold: [sold], contenders: ['suanpan', 'bare'] }, async (stage) => {
    const best = await takeTurns(
      run,
      await overHttp(run, stage, { skus, anySize: true, work: (time) => ({ kind: 'orders', lines: 2, ...time }) }),
    );
    const halves = new Map(best.map(({ contender, rounds }) => [contender, LOAD * median(rounds.map(({ rate }) => rate))]));
    const rate = halves.get('suanpan') ?? halves.get('bare') ?? LONE_RATE;
    const paced = (label: string, arrivals: number) =>
      overHttp(run, stage, { skus, anySize: true, work: (time) => ({ kind: 'paced-orders', lines: 2, rate: arrivals, ...time }) }).then(
        (contenders) => contenders.map((one) => ({ ...one, label: `${one.label}, ${label}` })),
      );
    const half = await takeTurns(run, await paced(`at ${Math.round(rate)} a second`, rate));
    const lone = await takeTurns(run, await paced('one at a time', LONE_RATE));
    const remarks = [...half, ...lone].map(remarkOn);
    return { scenario: 'latency', title: `Orders at ${LOAD * 100} % load, and alone`, unit: 'orders', series: [...half, ...lone], remarks };
  });
}

function remarkOn({ label, rounds }: Series): string {
  const { p50, p99, p999 } = latenciesOf(rounds.flatMap(({ latencies }) => Object.values(latencies)));
  return `${label}: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, p99.9 ${p999.toFixed(2)} ms, counted from when each was due.`;
}
