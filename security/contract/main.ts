import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { CannotRun, UsageError } from '../failures.js';
import { Books } from '../world/books.js';
import { Client } from '../world/client.js';
import { Program } from '../world/program.js';
import { Judge } from './judge.js';
import { Proxy } from './proxy.js';
import { hasJava, play } from './specmatic.js';

const USAGE = `Lets Specmatic make requests of the OpenAPI document, right ones and wrong ones, and holds every answer
against the document.

  npm run contract [-- --log FILE]

--log FILE   keeps what Specmatic said

It needs Java 17, and fetches Specmatic from npm. Exit code: 0 no answer was outside of the document, 1 one
was, 2 it could not be run. docs/security-tests.md says how to read it.
`;
/** A run that asked less than this has tried nothing. */
const LEAST_TESTS = 300;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  const { help, log } = options();
  if (help) return say(USAGE.trimEnd());
  if (!hasJava()) throw new CannotRun('Specmatic needs Java 17 or later, and there is no java in PATH');
  const folder = mkdtempSync(join(tmpdir(), 'suanpan-contract-'));
  const environment = process.env;
  let program: Program | undefined;
  let proxy: Proxy | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void (program?.stop() ?? Promise.resolve()).finally(() => process.exit(130)));
  }
  try {
    program = await Program.start(folder, 1, environment.PATH ?? '');
    const { text: document } = await new Client(program.url, program.apiKey).get('/docs/openapi.json');
    const judge = new Judge(document);
    proxy = await Proxy.open(program.url, (exchange) => judge.hear(exchange));
    const workplace = join(folder, 'specmatic');
    mkdirSync(workplace);
    const played = await play({ folder: workplace, document, url: proxy.url, apiKey: program.apiKey, env: environment });
    if (log !== undefined) writeFileSync(log, played.output);
    if (played.tests < LEAST_TESTS) throw new CannotRun(`Specmatic made only ${played.tests} tests:\n${played.output.slice(-2_000)}`);
    const books = await Books.open(folder);
    const broken = await books.broken().finally(() => books.close());
    report(judge, played.tests, played.taken, broken);
  } finally {
    proxy?.close();
    await program?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function options(): { readonly help: boolean | undefined; readonly log: string | undefined } {
  try {
    const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' }, log: { type: 'string' } } });
    return { help: values.help, log: values.log };
  } catch (error) {
    throw new UsageError((error as Error).message.split(/\.\s|\n/)[0] ?? '');
  }
}

function report({ findings, statuses, operations }: Judge, tests: number, taken: readonly string[], broken: readonly string[]): void {
  const counted = [...statuses].sort(([one], [other]) => one - other).map(([status, count]) => `${count} × ${status}`);
  say(`Specmatic ${tests} tests, ${operations.size} operations: ${counted.join(', ')}`);
  for (const [finding, count] of findings) say(`FAIL  ${finding} (${count} times)`);
  for (const scenario of taken) say(`FAIL  a wrong request was taken: ${scenario}`);
  for (const promise of broken) say(`FAIL  a promise is broken: ${promise}`);
  const failed = findings.size + taken.length + broken.length;
  say(
    failed === 0
      ? 'No answer was outside of the document, none was a 5xx, no wrong request was taken, and the invariants hold.'
      : `${failed} findings`,
  );
  if (failed > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  const foreseen = error instanceof UsageError || error instanceof CannotRun;
  process.stderr.write(`contract: ${foreseen ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 2;
});
