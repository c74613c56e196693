import type { ScenarioResult } from '../report/result.js';
import type { Run } from '../run.js';
import { onStage } from '../stage.js';
import { overHttp, takeTurns } from '../turns.js';
import { goods } from '../world/goods.js';

/** Whole paid orders: placed, the Alipay page signed, the notice verified and applied. */
export function paidOrder(run: Run): Promise<ScenarioResult> {
  const sold = goods('BENCH', 50);
  return onStage(run, { sold: [sold], contenders: ['suanpan', 'bare'] }, async (stage) => {
    const contenders = await overHttp(run, stage, { skus: () => sold.skus, work: (time) => ({ kind: 'paid-orders', ...time }) });
    const series = await takeTurns(run, contenders);
    return {
      scenario: 'paid-order',
      title: 'Whole paid orders: placed, page signed, notice applied',
      unit: 'paid orders',
      series,
      compared: true,
      remarks: [],
    };
  });
}
