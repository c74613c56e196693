import { latenciesOf } from '../report/percentiles.js';
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
    const rounds = series.flatMap((one) => one.rounds);
    const kinds = [...new Set(rounds.flatMap(({ latencies }) => Object.keys(latencies)))].sort();
    const remarks = kinds.map((kind) => {
      const { p50, p99, p999 } = latenciesOf(rounds.flatMap(({ latencies }) => latencies[kind] ?? []));
      return `${kind}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, p99.9 ${p999.toFixed(1)} ms.`;
    });
    return { scenario: 'mixed', title: '30 % orders, 70 % reads', unit: 'requests', series, remarks };
  });
}
