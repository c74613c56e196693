// Tries out sequences of commands against the model: test/models, with as many runs and from such a seed as the command line says.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = `usage: npm run models -- [options]

Does to the program, over a real PostgreSQL, what sequences of commands drawn from a seed say, and compares it with a model.

  --runs N       sequences (default: 1000)
  --jobs N       processes that share them, each with a seed of its own (default: as many as there are cores, at most 4)
  --seed S       where they are drawn from (default: another one each time)
  --path P       together with --seed and --replay: only the sequence that failed, as it was printed
  --replay R     its replayPath
  --help         this text
`;

const root = fileURLToPath(new URL('..', import.meta.url));
const { runs, seed, path, replay, jobs } = options();
const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--config', 'jest.config.mjs', '--runInBand', '--silent', 'test/models/'];
const children = [];
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => children.forEach((child) => child.kill(signal)));
const codes = await Promise.all(Array.from({ length: jobs }, (_, index) => draw(Math.ceil(runs / jobs), seed + index)));
process.exit(Math.max(...codes));

/** Answers the exit code. */
function draw(count, from) {
  const given = Object.entries({ path, replay }).filter(([, value]) => value !== undefined);
  console.error([`${count} sequences, --seed ${from}`, ...given.map(([name, value]) => `--${name} ${value}`)].join(' '));
  const child = spawn(process.execPath, jest, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, MODEL_RUNS: String(count), MODEL_SEED: String(from), MODEL_PATH: path ?? '', MODEL_REPLAY: replay ?? '' },
  });
  children.push(child);
  return new Promise((done) => child.on('exit', (code) => done(code ?? 1)));
}

function options() {
  try {
    const names = ['runs', 'seed', 'path', 'replay', 'jobs'];
    const { values } = parseArgs({
      options: { ...Object.fromEntries(names.map((name) => [name, { type: 'string' }])), help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      console.log(USAGE.trimEnd());
      process.exit(0);
    }
    const isAgain = values.path !== undefined;
    const { runs: wanted = isAgain ? '1' : '1000', seed: given = String(Math.floor(Math.random() * 2 ** 31)) } = values;
    const { jobs: wished = isAgain ? '1' : String(Math.min(availableParallelism(), 4)) } = values;
    if (!/^[1-9]\d{0,6}$/.test(wanted)) throw new Error('--runs: must be a whole number from 1 to 9999999');
    if (!/^-?\d{1,10}$/.test(given)) throw new Error('--seed: must be a whole number');
    if (!/^[1-9]\d?$/.test(wished)) throw new Error('--jobs: must be a whole number from 1 to 99');
    return { ...values, runs: Number(wanted), seed: Number(given), jobs: Math.min(Number(wished), Number(wanted)) };
  } catch (error) {
    console.error(`models: ${error.message.split('\n')[0]}`);
    process.exit(2);
  }
}
