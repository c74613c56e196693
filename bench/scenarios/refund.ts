import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';

import type { Suanpan } from '../contenders/suanpan.js';
import type { OpenTrade } from '../driver/job.js';
import { BenchFailed } from '../failures.js';
import type { Round, ScenarioResult } from '../report/result.js';
import type { Run } from '../run.js';
import { onStage, type Stage } from '../stage.js';
import { jobOf, takeTurns } from '../turns.js';
import { goods, type Goods } from '../world/goods.js';
import { drawOpenTrades, writeOpenTrades } from '../world/open-trades.js';

const REFUNDS = 1_000;
const LONGEST_PAYING = 300;
const LONGEST_WAIT = 120_000;
const BETWEEN_LOOKS = 20;

/** Paid orders whose money is asked back: requested, sent to the gateway by the worker, and succeeded. It has no limit beside it. */
export function refund(run: Run): Promise<ScenarioResult> {
  const sold = goods('BENCH', 1);
  return onStage(run, { sold: [sold], contenders: ['suanpan'] }, async (stage) => {
    const { suanpan } = stage;
    if (suanpan === undefined) throw new BenchFailed('there is nobody to be measured');
    const refunds = new Refunds(run, stage, suanpan, sold);
    await refunds.round();
    const contender = { name: 'suanpan', label: 'Suanpan', round: () => refunds.round() } as const;
    const series = await takeTurns(run, [contender]);
    const remarks = ['Latencies are those of the request; the rate is that of refunds that the gateway has made.'];
    return {
      scenario: 'refund',
      title: 'Refunds, from the request until the gateway has made them',
      unit: 'refunds',
      series,
      compared: false,
      remarks,
    };
  });
}

class Refunds {
  constructor(
    private readonly run: Run,
    private readonly stage: Stage,
    private readonly suanpan: Suanpan,
    private readonly sold: Goods,
  ) {}

  async round(): Promise<Round> {
    const trades = drawOpenTrades(REFUNDS);
    await this.pay(trades);
    const orderIds = trades.map(({ orderId }) => orderId);
    const job = jobOf(this.run, this.suanpan.url, { skus: () => [], work: () => ({ kind: 'refunds', orderIds }) }, NO_TIME);
    return this.run.measuring.overHttp(job, this.suanpan, () => this.allSucceeded());
  }

  private async pay(trades: readonly OpenTrade[]): Promise<void> {
    await writeOpenTrades(this.stage.databaseUrl('suanpan'), trades, this.sold.skus[0] ?? '');
    await this.run.driver.sign(trades);
    const work = () => ({ kind: 'notices', warmUp: 0, seconds: LONGEST_PAYING }) as const;
    await this.run.measuring.overHttp(jobOf(this.run, this.suanpan.url, { skus: () => [], work }, NO_TIME), this.suanpan);
  }

  private async allSucceeded(): Promise<void> {
    const client = new Client({ connectionString: this.stage.databaseUrl('suanpan') });
    await client.connect();
    try {
      const until = performance.now() + LONGEST_WAIT;
      while (performance.now() < until) {
        const { rows } = await client.query<{ open: boolean }>(`SELECT EXISTS (SELECT 1 FROM refunds WHERE ask_at IS NOT NULL) AS open`);
        if (rows[0]?.open === false) return;
        await pause(BETWEEN_LOOKS);
      }
    } finally {
      await client.end();
    }
    throw new BenchFailed(`refunds were not made within ${LONGEST_WAIT / 1000} s`);
  }
}

const NO_TIME = { warmUp: 0, seconds: 0 };
