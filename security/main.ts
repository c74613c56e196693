import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CORPUS } from './corpus.js';
import { CannotRun, UsageError } from './failures.js';
import { line, listed, table } from './report.js';
import { chosen, make, type Result } from './run.js';
import { readSettings, USAGE, type Settings } from './settings.js';
import { Program } from './world/program.js';
import { Scene } from './world/scene.js';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const INTERRUPTED = 130;

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2), process.env);
  if (settings === 'help') return say(USAGE.trimEnd());
  const families = chosen(CORPUS, settings.only);
  if (families.length === 0) throw new UsageError(`--only leaves nobody: --list names the attacks`);
  if (settings.list) return say(listed(families).trimStart());
  const folder = mkdtempSync(join(tmpdir(), 'suanpan-security-'));
  let program: Program | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void (program?.stop() ?? Promise.resolve()).finally(() => process.exit(INTERRUPTED)));
  }
  try {
    program = await Program.start(folder, settings.processes, settings.path);
    const results = await attack(families, program);
    say(`\n${table(results)}`);
    if (results.some(({ succeeded }) => succeeded !== undefined)) process.exitCode = 1;
  } finally {
    await program?.stop();
    keepLog(folder, settings);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function attack(families: ReturnType<typeof chosen>, program: Program): Promise<Result[]> {
  const scene = await Scene.set(program);
  const results: Result[] = [];
  try {
    for (const { name, attacks } of families) {
      say(`\n${name}`);
      for (const one of attacks) {
        const result = await make(name, one, scene);
        say(line(result));
        results.push(result);
      }
    }
  } finally {
    await scene.books.close();
  }
  return results;
}

function keepLog(folder: string, { log }: Settings): void {
  if (log !== undefined) copyFileSync(join(folder, 'program.log'), log);
}

main().catch((error: unknown) => {
  const foreseen = error instanceof UsageError || error instanceof CannotRun;
  process.stderr.write(`security: ${foreseen ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 2;
});
