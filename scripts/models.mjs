// Tries out sequences of commands against the model: test/models, with as many runs and from such a seed as the command line says.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = `usage: npm run models -- [options]

Does to the program, over a real PostgreSQL, what sequences of commands drawn from a seed say, and compares it with a model.

  --runs N       sequences (default: 1000)
  --seed S       where they are drawn from (default: another one each time)
  --path P       together with --seed and --replay: only the sequence that failed, as it was printed
  --replay R     its replayPath
  --help         this text
`;

const root = fileURLToPath(new URL('..', import.meta.url));
const { runs, seed, path, replay } = options();
console.error(
  `${runs} sequences, --seed ${seed}${path === undefined ? '' : ` --path ${path}`}${replay === undefined ? '' : ` --replay ${replay}`}`,
);
const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--config', 'jest.config.mjs', '--runInBand', '--silent', 'test/models/'];
const child = spawn(process.execPath, jest, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, MODEL_RUNS: runs, MODEL_SEED: seed, MODEL_PATH: path ?? '', MODEL_REPLAY: replay ?? '' },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));

function options() {
  try {
    const names = ['runs', 'seed', 'path', 'replay'];
    const { values } = parseArgs({
      options: { ...Object.fromEntries(names.map((name) => [name, { type: 'string' }])), help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      console.log(USAGE.trimEnd());
      process.exit(0);
    }
    const { runs: wanted = values.path === undefined ? '1000' : '1', seed: given = String(Math.floor(Math.random() * 2 ** 31)) } = values;
    if (!/^[1-9]\d{0,6}$/.test(wanted)) throw new Error('--runs: must be a whole number from 1 to 9999999');
    if (!/^-?\d{1,10}$/.test(given)) throw new Error('--seed: must be a whole number');
    return { ...values, runs: wanted, seed: given };
  } catch (error) {
    console.error(`models: ${error.message.split('\n')[0]}`);
    process.exit(2);
  }
}
