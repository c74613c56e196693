// Runs a compiled program of this project, compiling it first where a source is newer than what was compiled.
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const PROGRAMS = {
  app: 'program/main.js',
  simulator: 'simulator/main.js',
  demo: 'demo/main.js',
  cli: 'cli/main.js',
  bench: 'bench/main.js',
  faults: 'faults/main.js',
  openapi: 'src/write-openapi.js',
  'check-invariants': 'src/check-invariants.js',
  security: 'security/main.js',
  contract: 'security/contract/main.js',
  'bench-fill': 'bench/fill.js',
  'bench-explain': 'bench/explain.js',
  races: 'bench/races.js',
  'backup-rehearsal': 'ops/backup-rehearsal.js',
};
const SOURCES = [
  'src',
  'simulator',
  'demo',
  'cli',
  'bench',
  'ops',
  'faults',
  'security',
  'ormconfig.ts',
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
  'scripts',
];

const root = fileURLToPath(new URL('..', import.meta.url));
const startedIn = process.cwd();
process.chdir(root);
const [name = 'app', ...args] = process.argv.slice(2);
const stamp = join('dist', '.built');

if (isStale()) {
  process.stderr.write('compiling (only when a source has changed) ...\n');
  const { build } = await import('./build.mjs');
  const status = await build();
  // To these, 1 means that a signature does not fit, and that an invariant is broken.
  if (status !== 0) process.exit(['cli', 'check-invariants', 'security', 'contract'].includes(name) ? 2 : status);
  writeFileSync(stamp, '');
}
stopWithNpm();
process.argv.splice(1, process.argv.length - 1, join(root, 'dist', PROGRAMS[name]), ...args);
process.setSourceMapsEnabled(true);
// Files on the command line are named from where it was typed.
if (name === 'cli') process.chdir(startedIn);
await import(pathToFileURL(process.argv[1]).href);

/** npm starts us through a shell, which a SIGTERM to npm ends without a word to us: when it is gone, we stop as well. */
function stopWithNpm() {
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250).unref();
}

function isStale() {
  if (!existsSync(stamp)) return true;
  const builtAt = statSync(stamp).mtimeMs;
  return SOURCES.some((source) => newest(source) > builtAt);
}

function newest(path) {
  const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: 0 };
  if (!existsSync(path) || !statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((entry) => newest(join(path, entry))));
}
