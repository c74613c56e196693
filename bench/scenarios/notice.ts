import type { Stretch } from '../driver/job.js';
import type { ScenarioResult } from '../report/result.js';
import type { Run } from '../run.js';
import { onStage, type Stage } from '../stage.js';
import { overHttp, takeTurns, type Turns } from '../turns.js';
import { goods } from '../world/goods.js';
import { drawOpenTrades, writeOpenTrades } from '../world/open-trades.js';

/** A second. Whoever is quicker has handed them all over before the time is up, and is measured for so much shorter. */
const ENOUGH = 2_500;

/** Notices of Alipay's that a payment arrived: signed before, verified and applied while it is measured. */
export function notice(run: Run): Promise<ScenarioResult> {
  const sold = goods('BENCH', 1);
  return onStage(run, { sold: [sold], contenders: ['suanpan', 'bare'] }, async (stage) => {
    const notices = new Notices(run, stage, sold.skus[0] ?? '');
    const turns: Turns = {
      skus: () => sold.skus,
      work: (time) => ({ kind: 'notices', ...time }),
      before: (time) => notices.prepare(time),
    };
    const contenders = await overHttp(run, stage, turns);
    const series = await takeTurns(run, contenders, turns.before);
    return { scenario: 'notice', title: 'Notices of Alipay, verified and applied', unit: 'notices', series, compared: true, remarks: [] };
  });
}

/** Orders that wait for their payer in each database, and the notices that they were paid: the same for everybody. */
class Notices {
  constructor(
    private readonly run: Run,
    private readonly stage: Stage,
    private readonly sku: string,
  ) {}

  async prepare({ warmUp, seconds }: Stretch): Promise<void> {
    const { driver, say } = this.run;
    const trades = drawOpenTrades(Math.ceil((warmUp + seconds) * ENOUGH));
    say(`signing ${trades.length} notices`);
    for (const name of ['suanpan', 'bare'] as const) {
      if (this.stage.has(name)) await writeOpenTrades(this.stage.databaseUrl(name), trades, this.sku);
    }
    await driver.sign(trades);
  }
}
