import { median } from '../report/percentiles.js';
import type { ScenarioResult } from '../report/result.js';
import type { Run } from '../run.js';
import type { ContenderName } from '../settings.js';
import { onStage, type Stage } from '../stage.js';
import { overHttp, takeTurns, type Contender } from '../turns.js';
import { goods } from '../world/goods.js';

const LOAD = 0.5;
/** A second: so few that none meets another, and that each finds the machine asleep. */
const SELDOM = 20;

/** Orders of two lines at half of the rate that each was just seen to do; one after the other; and one now and then. */
export function latency(run: Run): Promise<ScenarioResult> {
  const sold = goods('BENCH', 50);
  const skus = () => sold.skus;
  return onStage(run, { sold: [sold], contenders: ['suanpan', 'bare'] }, async (stage) => {
    const closed = (connections: number) =>
      overHttp({ ...run, settings: { ...run.settings, connections } }, stage, {
        skus,
        anySize: true,
        work: (time) => ({ kind: 'orders', lines: 2, ...time }),
      });
    const full = await takeTurns(run, await closed(run.settings.connections));
    const half = await Promise.all(
      full.map(({ contender, rounds }) => paced(run, stage, skus, contender, LOAD * median(rounds.map(({ rate }) => rate)))),
    );
    const alone = (await closed(1)).map((contender) => ({ ...contender, label: `${contender.label}, one after the other` }));
    const seldom = await Promise.all(full.map(({ contender }) => paced(run, stage, skus, contender, SELDOM)));
    return {
      scenario: 'latency',
      title: `Orders at ${LOAD * 100} % load, and one at a time`,
      unit: 'orders',
      series: [...(await takeTurns(run, half)), ...(await takeTurns(run, alone)), ...(await takeTurns(run, seldom))],
      compared: false,
      remarks: ['Where so many come a second, latencies are counted from when each order was due, whenever it was sent.'],
    };
  });
}

async function paced(run: Run, stage: Stage, skus: () => readonly string[], name: ContenderName, rate: number): Promise<Contender> {
  const contenders = await overHttp(run, stage, {
    skus,
    anySize: true,
    work: (time) => ({ kind: 'paced-orders', lines: 2, rate, ...time }),
  });
  const [its] = contenders.filter((contender) => contender.name === name);
  if (its === undefined) throw new Error('who was measured before is still there');
  return { ...its, label: `${its.label}, at ${Math.round(rate)} a second` };
}
