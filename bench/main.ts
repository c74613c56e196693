import { BenchFailed, UsageError } from './failures.js';
import { HEADINGS, rowsOf, textTable } from './report/table.js';
import type { ScenarioResult } from './report/result.js';
import { startRun, type Run } from './run.js';
import { order } from './scenarios/order.js';
import { readSettings, type ScenarioName } from './settings.js';
import { USAGE } from './usage.js';

const SCENARIOS: Readonly<Record<ScenarioName, (run: Run) => Promise<ScenarioResult>>> = { order };

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2), process.env);
  if (settings === 'help') return say(USAGE.trimEnd());
  const run = await startRun(settings, say);
  process.once('SIGINT', () => void run.stop().finally(() => process.exit(130)));
  try {
    for (const name of settings.scenarios) {
      say(`\n${name}`);
      const result = await SCENARIOS[name](run);
      say(
        `\n${result.title}, ${settings.connections} connections, ${settings.rounds} rounds of ${settings.seconds} s: ${result.unit} a second`,
      );
      say(textTable(HEADINGS, rowsOf(result)));
      say('The invariants hold, and no answer was unexpected.');
    }
  } finally {
    await run.stop();
  }
}

main().catch((error: unknown) => {
  const foreseen = error instanceof UsageError || error instanceof BenchFailed;
  process.stderr.write(`bench: ${foreseen ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
