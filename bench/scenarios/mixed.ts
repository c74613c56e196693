import type { ScenarioResult } from '../report/result.js';
import type { Run } from '../run.js';
import { onStage } from '../stage.js';
import { overHttp, takeTurns } from '../turns.js';
import { goods } from '../world/goods.js';

/** Three orders of ten requests, and the rest reads. It has no limit beside it: it shows what reads cost beside writes. */
export function mixed(run: Run): Promise<ScenarioResult> {
  const sold = goods('BENCH', 50);
  return onStage(run, { sold: [sold], contenders: ['suanpan'] }, async (stage) => {
    const contenders = await overHttp(run, stage, { skus: () => sold.skus, work: (time) => ({ kind: 'mixed', ...time }) });
    const series = await takeTurns(run, contenders);
    return { scenario: 'mixed', title: '30 % orders, 70 % reads', unit: 'requests', series, compared: false, remarks: [] };
  });
}
