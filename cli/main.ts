import { existsSync, readFileSync } from 'node:fs';

import { run } from './run.js';

async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  process.exitCode = await run({
    args: process.argv.slice(2),
    env: process.env,
    folder: process.cwd(),
    now: () => new Date(),
    readStdin: () => readFileSync(0),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  });
}

// Whoever reads only the first lines, such as `head`, is no reason for a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

await main().catch((error: unknown) => {
  // A mistake of ours is not a message that was not verified.
  process.stderr.write(`suanpan: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 2;
});
