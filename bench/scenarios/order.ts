import { orderScript } from '../contenders/order-script.js';
import type { ScenarioResult } from '../report/result.js';
import type { Run } from '../run.js';
import { onStage } from '../stage.js';
import { takeTurns } from '../turns.js';
import { goods } from '../world/goods.js';

/** Orders of two lines, out of fifty SKUs. */
export async function order(run: Run): Promise<ScenarioResult> {
  const sold = goods('BENCH', 50);
  return onStage(run, [sold], async (stage) => {
    const series = await takeTurns(run, stage, { flow: 'order', skus: sold.skus, script: orderScript(sold, 2) });
    return { scenario: 'order', title: 'Orders of 2 lines, 50 SKUs', unit: 'orders', series, remarks: [] };
  });
}
