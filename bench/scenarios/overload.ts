import { median } from '../report/percentiles.js';
import type { Round, ScenarioResult } from '../report/result.js';
import type { Run } from '../run.js';
import { onStage } from '../stage.js';
import { overHttp, takeTurns, type Contender } from '../turns.js';
import { goods } from '../world/goods.js';

const TIMES = 4;
/** As many as do most in a closed loop. */
const BEST_WITH = 512;
/** Enough for a rush to be one, although some of them rest. */
const RUSH_WITH = 2_000;

/** The best rate, and what is left of it when four times as many orders come. */
export function overload(given: Run): Promise<ScenarioResult> {
  const sold = goods('BENCH', 50);
  const skus = () => sold.skus;
  const run = { ...given, settings: { ...given.settings, connections: BEST_WITH } };
  const crowd = { ...given, settings: { ...given.settings, connections: RUSH_WITH } };
  return onStage(run, { sold: [sold], contenders: ['suanpan'] }, async (stage) => {
    const [best] = await overHttp(run, stage, { skus, work: (time) => ({ kind: 'customers', lines: 2, ...time }) });
    if (best === undefined) throw new Error('the program is on its stage');
    const rates: number[] = [];
    const closed: Contender = {
      ...best,
      label: `${best.label}, at its best`,
      round: async (time) => {
        const round = placedOnly(await best.round(time));
        rates.push(round.rate);
        return round;
      },
    };
    const rushed: Contender = {
      ...best,
      label: `${best.label}, orders placed at ${TIMES} × that`,
      round: async (time) => {
        const work = (stretch: typeof time) => ({ kind: 'rush', lines: 2, rate: TIMES * (rates.at(-1) ?? 0), ...stretch }) as const;
        const [rushing] = await overHttp(crowd, stage, { skus, work });
        if (rushing === undefined) throw new Error('the program is on its stage');
        return placedOnly(await rushing.round(time));
      },
    };
    const series = await takeTurns(run, [closed, rushed]);
    const [before = [], during = []] = series.map(({ rounds }) => rounds);
    const left = during.map(({ rate }, turn) => (100 * rate) / (before[turn]?.rate ?? Number.NaN));
    return {
      scenario: 'overload',
      title: `Orders of 2 lines, and when ${TIMES} times as many come`,
      unit: 'orders',
      series,
      compared: false,
      remarks: [
        `Of the best, ${median(left).toFixed(0)} % is left in the median of the rounds (${left.map((share) => share.toFixed(0)).join(', ')} %).`,
        `${BEST_WITH} connections in a closed loop, then ${RUSH_WITH.toLocaleString('en-US')} in an open one. CPU and log are for each that was answered.`,
      ],
    };
  });
}

/** Who was turned away is told how long that took, and is no order. */
function placedOnly(round: Round): Round {
  const count = round.latencies.placed?.length ?? 0;
  return { ...round, count, rate: count / round.seconds };
}
