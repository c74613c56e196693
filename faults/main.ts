import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { BenchFailed } from '../bench/failures.js';
import { HarnessFailed, UsageError } from './failures.js';
import { run } from './run.js';
import { readSettings } from './settings.js';
import { setStage, type Stage } from './stage.js';
import { USAGE } from './usage.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const INTERRUPTED = 130;
let stage: Stage | undefined;
let interrupted = false;

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2), process.env, Date.now() % 2 ** 32);
  if (settings === 'help') return say(USAGE.trimEnd());
  if (!existsSync('/proc/self/fd')) throw new UsageError('needs Linux: it looks into /proc for whom to kill');
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  say(`seed ${settings.seed}`);
  const folder = resolve(join(settings.dataDir, 'faults'));
  stage = await setStage(folder, `s${settings.seed}`);
  const isKept = await run(stage, settings, say);
  await strike();
  process.exit(isKept ? 0 : 1);
}

function stop(): void {
  interrupted = true;
  void strike().finally(() => process.exit(INTERRUPTED));
}

async function strike(): Promise<void> {
  stage?.client.stop();
  await stage?.strike();
}

main().catch(async (error: unknown) => {
  // What is taken away from under a run is no news.
  if (interrupted) return;
  const foreseen = error instanceof UsageError || error instanceof HarnessFailed || error instanceof BenchFailed;
  process.stderr.write(`faults: ${foreseen ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  await strike();
  process.exit(2);
});
