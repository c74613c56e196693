// The checks in their order. One that fails does not keep the others from being made.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { smoke } from './smoke.mjs';
import { stranger } from './stranger.mjs';
import { MINUTE, check, count, expect, finish, note, run } from './tally.mjs';

// What a developer has set must not decide what is found here; a fresh clone has no settings.
const SETTINGS =
  /^(?:NODE_ENV|HOST|PORT|PUBLIC_URL|DATABASE_.*|BOOTSTRAP_API_KEY|SECRETS_.*|(?:ALIPAY|WECHATPAY|UNIONPAY|SIMULATOR|SUANPAN)_.*|DATA_DIR|LOG_LEVEL|INNER_GATEWAY_HOSTS|RATE_LIMIT_.*|TRUSTED_PROXIES|WEB_CONCURRENCY|MAX_REQUESTS_IN_FLIGHT|AUTO_COMPLETE_.*)$/;
for (const name of Object.keys(process.env)) if (SETTINGS.test(name)) delete process.env[name];
process.env.CI = '1';
const FAILURES_SHOWN = 20;

const temporary = mkdtempSync(join(tmpdir(), 'suanpan-ci-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));

const npm = (script, ...args) => run('npm', ['run', '--silent', script, ...args]);

console.log(`node ${process.version}, ${process.platform}-${process.arch}, ${process.getuid?.() === 0 ? 'root' : 'an ordinary user'}`);
await check('npm ci', async () => void (await run('npm', ['ci', '--no-audit', '--no-fund'])));
await check('npm run build', async () => void (await npm('build')));
// Each of these keeps one processor busy, and changes nothing: two at a time.
await Promise.all([
  check('lint: npm run lint', async () => void (await npm('lint'))),
  (async () => {
    await check('types: npm run typecheck', async () => void (await npm('typecheck')));
    await check('formatting: npm run format:check', async () => void (await npm('format:check')));
    await check('OpenAPI: npm run lint:openapi', async () => void (await npm('lint:openapi')));
  })(),
]);
await tests();
if (process.env.CI_NODE24 === '1') {
  const jest = ['-y', '-p', 'node@24', '--', 'node', 'node_modules/jest/bin/jest.js', '--config', 'jest.config.mjs'];
  await check('the tests on Node 24', async () => void (await run('npx', jest, { timeout: 10 * MINUTE })));
}
await check('npm run bench, a short one: nothing unexpected is answered, and the invariants hold', async () => {
  process.env.DATA_DIR = join(temporary, 'bench');
  try {
    const said = await npm('bench', '--', '--scenario', 'order', '--seconds', '2', '--rounds', '1');
    expect(said.includes('The invariants hold'), said);
  } finally {
    delete process.env.DATA_DIR;
  }
});
await check('npm run races, a short one: exactly what there is is sold, and each notice has one effect', async () => {
  const said = await npm('races', '--', '--rounds', '12', '--callbacks', '300');
  expect(said.includes('The invariants hold'), said);
});
await check('npm run backup:rehearsal, a short one: what was promised is there after a restore', async () => {
  const said = await npm('backup:rehearsal', '--', '--seconds', '1');
  const [held] = /^held: .*$/m.exec(said) ?? expect(false, said);
  return held;
});
await check('npm run faults, a short round: every promise is kept', async () => {
  process.env.DATA_DIR = join(temporary, 'faults');
  try {
    // A seed that begins with kills of six kinds. Its time is for what is right; how fast a machine recovers that runs all of this is no promise.
    const said = await npm('faults', '--', '--seed', '323', '--minutes', '0.25', '--buyers', '16', '--patience', '20');
    expect(said.includes('Every promise was kept'), said);
  } finally {
    delete process.env.DATA_DIR;
  }
});
await check('npm run security, some of the attacks: none succeeds', async () => {
  const said = await npm('security', '--', '--only', 'forged', '--only', 'races', '--only', 'IDOR');
  expect(/^all +\d{2,} +0$/m.test(said), said);
});
await smoke('smoke', { folder: process.cwd() });
await stranger(smoke);
finish();

/** `npm test`, each test counted for itself. */
async function tests() {
  const file = join(temporary, 'tests.json');
  let output = '';
  const began = Date.now();
  try {
    output = await run('npm', ['test', '--silent', '--', '--json', `--outputFile=${file}`], { timeout: 14 * MINUTE });
  } catch (error) {
    output = error.message;
  }
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    await check('npm test', () => expect(false, `there is no report: jest did not get to its end\n${output}`));
    return;
  }
  const broken = report.testResults.filter(({ status, assertionResults }) => status === 'failed' && !hasFailure(assertionResults));
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + broken.length;
  const left = report.numPendingTests + report.numTodoTests;
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log(
    `${failed === 0 && passed > 0 ? 'ok  ' : 'FAIL'}  npm test: ${passed} passed, ${failed} failed, ${left} left out, ` +
      `of ${report.numTotalTests} tests in ${report.numTotalTestSuites} files (${seconds} s)`,
  );
  const failures = report.testResults.flatMap(({ assertionResults }) => assertionResults.filter(({ status }) => status === 'failed'));
  for (const { fullName, failureMessages } of failures.slice(0, FAILURES_SHOWN)) {
    note(`${fullName}\n        ${failureMessages.join('\n').split('\n').slice(0, 12).join('\n        ')}`);
  }
  if (failures.length > FAILURES_SHOWN) note(`and ${failures.length - FAILURES_SHOWN} more: npm test shows them`);
  for (const { name, message } of broken) note(`${name}: ${message.slice(0, 500)}`);
  count({ passed, failed });
  // A run that says it failed, or that tested nothing, is a failure even where no test is.
  if (failed === 0 && (!report.success || passed === 0)) {
    await check('npm test as a whole', () => expect(false, output));
  }
}

/** A file whose tests are all well can still have failed: at its import, or in what it does before them. */
function hasFailure(assertionResults) {
  return assertionResults.some(({ status }) => status === 'failed');
}
