import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Fetched when it is first needed: it brings 80 MB, which nobody who only runs the program should have to wait for. */
const PACKAGE = 'specmatic@2.55.1';
const DOCUMENT = 'openapi.json';
/** Of the combinations of a request's fields, so many are sent. */
const COMBINATIONS = 3;

/** Of the tool’s own verdicts: a request that it made wrong on purpose, and that was answered as if it were right. */
export interface Played {
  readonly tests: number;
  readonly taken: readonly string[];
  readonly output: string;
}

export function hasJava(): boolean {
  return spawnSync('java', ['-version'], { stdio: 'ignore' }).status === 0;
}

/** Lets the tool make requests of the document, right ones and wrong ones, and send them. */
export async function play(at: { folder: string; document: string; url: string; apiKey: string; env: NodeJS.ProcessEnv }): Promise<Played> {
  writeFileSync(join(at.folder, DOCUMENT), at.document);
  const settings = {
    version: 2,
    contracts: [{ filesystem: { directory: '.' }, provides: [DOCUMENT] }],
    security: { OpenAPI: { securitySchemes: { bearer: { type: 'bearer', token: at.apiKey } } } },
    test: { resiliencyTests: { enable: 'all' }, maxTestRequestCombinations: COMBINATIONS },
  };
  writeFileSync(join(at.folder, 'specmatic.json'), JSON.stringify(settings));
  const args = ['--yes', '--package', PACKAGE, '--', 'specmatic', 'test', `--testBaseURL=${at.url}`, '--timeout=30'];
  const output = await run('npx', args, at.folder, at.env);
  return { tests: Number(/Tests run: (\d+)/.exec(output)?.[1] ?? 0), taken: takenIn(output), output };
}

/** What a gateway sends is kept, whatever it is, and answered in its own words: there, no body is wrong. */
function takenIn(output: string): readonly string[] {
  const failed = [...output.matchAll(/-ve +Scenario: (.+?) has FAILED\b[\s\S]{0,600}?Expected 4xx status, but received (\d+)/g)];
  return [...new Set(failed.map(([, scenario = '', status = '']) => `${scenario}: ${status}`))].filter(
    (one) => !one.startsWith('POST /v1/callbacks/(gateway'),
  );
}

function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', fail);
    child.once('close', () => done(Buffer.concat(chunks).toString('utf8')));
  });
}
