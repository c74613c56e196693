import { BenchFailed } from '../failures.js';
import type { ScenarioResult, Series } from '../report/result.js';
import type { Run } from '../run.js';
import { onStage } from '../stage.js';
import { overHttp, takeTurns } from '../turns.js';
import { goods } from '../world/goods.js';

const BUYERS = 10_000;
const UNITS = 100;

/** Ten thousand buyers for a hundred units, in each round of another SKU: a hundred of them get one, and the rest are told. */
export function orderSoldout(run: Run): Promise<ScenarioResult> {
  const rare = Array.from({ length: run.settings.rounds }, (_, index) => goods(`RARE${String(index + 1).padStart(3, '0')}`, 1, UNITS));
  const usual = goods('BENCH', 1);
  return onStage(run, { sold: [usual, ...rare], contenders: ['suanpan', 'bare'] }, async (stage) => {
    let skus = usual.skus;
    const work = () => ({ kind: 'buyers', buyers: BUYERS }) as const;
    const contenders = await overHttp(run, stage, { skus: () => skus, work, anySize: true });
    // A program that has just been started is not what a flash sale meets.
    const warm = await overHttp(run, stage, { skus: () => skus, work: (time) => ({ kind: 'orders', lines: 1, ...time }), anySize: true });
    for (const { round } of warm) await round({ warmUp: 0, seconds: Math.max(run.settings.warmUp, 1) });
    const left = [...rare];
    const series = await takeTurns(run, contenders, () => {
      skus = left.shift()?.skus ?? [];
      return Promise.resolve();
    });
    series.forEach(refuseOversold);
    const title = `${BUYERS.toLocaleString('en-US')} buyers for ${UNITS} units`;
    return {
      scenario: 'order-soldout',
      title,
      unit: 'buyers',
      series,
      compared: true,
      remarks: [`Each sold exactly ${UNITS} in each round.`],
    };
  });
}

/** Throws `BenchFailed` where more or fewer were sold than there were. */
function refuseOversold({ label, rounds }: Series): void {
  for (const { latencies } of rounds) {
    const count = latencies.sold?.length ?? 0;
    if (count !== UNITS) throw new BenchFailed(`${label} sold ${count} of ${UNITS} units`);
  }
}
