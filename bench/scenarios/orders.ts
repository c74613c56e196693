import { orderScript } from '../contenders/order-script.js';
import type { ScenarioResult } from '../report/result.js';
import type { Run } from '../run.js';
import { onStage } from '../stage.js';
import { byPgbench, overHttp, takeTurns } from '../turns.js';
import { goods } from '../world/goods.js';

/** Orders of two lines, out of fifty SKUs. */
export const order = (run: Run): Promise<ScenarioResult> =>
  orders(run, { scenario: 'order', title: 'Orders of 2 lines, 50 SKUs', skus: 50, lines: 2 });

/** Orders of one line, all of the same SKU. */
export const orderHot = (run: Run): Promise<ScenarioResult> =>
  orders(run, { scenario: 'order-hot', title: 'Orders of 1 line, one hot SKU', skus: 1, lines: 1 });

const RUSH = 256;

/** The same in a rush, of as many as come when something is for sale that all want. */
export function orderRush(run: Run): Promise<ScenarioResult> {
  const settings = { ...run.settings, connections: Math.max(RUSH, run.settings.connections) };
  const title = `Orders of 1 line, one hot SKU, ${settings.connections} connections`;
  return orders({ ...run, settings }, { scenario: 'order-rush', title, skus: 1, lines: 1 });
}

async function orders(run: Run, what: { scenario: string; title: string; skus: number; lines: 1 | 2 }): Promise<ScenarioResult> {
  const { scenario, title, lines } = what;
  const sold = goods('BENCH', what.skus);
  return onStage(run, { sold: [sold], contenders: ['suanpan', 'bare', 'pgbench'] }, async (stage) => {
    const contenders = [
      ...(await overHttp(run, stage, { skus: () => sold.skus, work: (time) => ({ kind: 'orders', lines, ...time }) })),
      ...(await byPgbench(run, stage, orderScript(sold, lines))),
    ];
    const remarks = stage.has('pgbench') && run.pgbench === undefined ? ['pgbench: absent, for there is none on this machine.'] : [];
    return { scenario, title, unit: 'orders', series: await takeTurns(run, contenders), compared: true, remarks };
  });
}
