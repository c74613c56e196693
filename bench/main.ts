import { loadavg } from 'node:os';

import { BenchFailed, UsageError } from './failures.js';
import type { Report } from './report/report.js';
import type { ScenarioResult } from './report/result.js';
import { summarize, type ScenarioSummary } from './report/summary.js';
import { HEADINGS, outcomeLines, rowsOf, textTable } from './report/table.js';
import { writeDocs, writeReport } from './report/write.js';
import { startRun, type Run } from './run.js';
import { growth } from './scenarios/growth.js';
import { latency } from './scenarios/latency.js';
import { memory } from './scenarios/memory.js';
import { mixed } from './scenarios/mixed.js';
import { notice } from './scenarios/notice.js';
import { orderSoldout } from './scenarios/order-soldout.js';
import { order, orderHot, orderRush } from './scenarios/orders.js';
import { overload } from './scenarios/overload.js';
import { paidOrder } from './scenarios/paid-order.js';
import { refund } from './scenarios/refund.js';
import { readSettings, type ScenarioName, type Settings } from './settings.js';
import { USAGE } from './usage.js';
import { machine } from './world/machine.js';

const SCENARIOS: Readonly<Record<ScenarioName, (run: Run) => Promise<ScenarioResult>>> = {
  order,
  'order-hot': orderHot,
  'order-rush': orderRush,
  'order-soldout': orderSoldout,
  notice,
  'paid-order': paidOrder,
  refund,
  mixed,
  latency,
  overload,
  memory,
  growth,
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const INTERRUPTED = 130;
let interrupted = false;

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const settings = readSettings(args, process.env);
  if (settings === 'help') return say(USAGE.trimEnd());
  const [loadBefore = 0] = loadavg();
  const run = await startRun(settings, say);
  process.once('SIGINT', () => {
    interrupted = true;
    void run.stop().finally(() => process.exit(INTERRUPTED));
  });
  try {
    const scenarios: ScenarioSummary[] = [];
    for (const name of settings.scenarios) {
      say(`\n${name}`);
      const summary = summarize(await SCENARIOS[name](run));
      show(summary, settings);
      scenarios.push(summary);
    }
    const { connections, rounds, seconds, warmUp, processes = null } = settings;
    const report: Report = {
      at: new Date().toISOString(),
      command: ['npm run bench', ...(args.length === 0 ? [] : ['--', ...args.filter((arg) => arg !== '--write-docs')])].join(' '),
      machine: machine(),
      postgres: { ...(await run.server.facts()), embedded: settings.databaseUrl === undefined },
      settings: { connections, rounds, seconds, warmUp, processes },
      loadBefore,
      scenarios,
    };
    say(`\n${writeReport(report, settings.out)}`);
    if (settings.writeDocs) writeDocs(report);
  } finally {
    await run.stop();
  }
}

function show(summary: ScenarioSummary, { connections, rounds, seconds }: Settings): void {
  say(`\n${summary.title}, ${connections} connections, ${rounds} rounds of ${seconds} s: ${summary.unit} a second`);
  say(textTable(HEADINGS, rowsOf(summary)));
  for (const line of [...outcomeLines(summary), ...summary.remarks]) say(line);
  say('The invariants hold, and no answer was unexpected.');
}

main().catch((error: unknown) => {
  // What is taken away from under a run is no news.
  if (interrupted) return;
  const foreseen = error instanceof UsageError || error instanceof BenchFailed;
  process.stderr.write(`bench: ${foreseen ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
