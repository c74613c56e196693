// Counts what passed and what failed, and says so line by line.
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';

export const MINUTE = 60_000;
const LINES_SHOWN = 40;

let passed = 0;
let failed = 0;

export function count(more) {
  passed += more.passed;
  failed += more.failed;
}

export const note = (text) => console.log(`      ${text}`);

/** Does one check, which fails by throwing; what it answers is put behind its name. Answers whether it passed. */
export async function check(name, work) {
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  try {
    const remark = await work();
    passed += 1;
    console.log(`ok    ${name} (${seconds()})${typeof remark === 'string' ? `: ${remark}` : ''}`);
    return true;
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name} (${seconds()})`);
    for (const line of String(error?.message ?? error)
      .split('\n')
      .slice(-LINES_SHOWN))
      note(line);
    return false;
  }
}

/** The last line, which says it all. */
export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}

export function expect(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}

/** Runs a command to its end and answers what it wrote; a code other than 0, and more time than it has, are errors. */
export function run(command, args, { timeout = 5 * MINUTE, ...options } = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, ...options });
    let output = '';
    const take = (chunk) => (output = (output + chunk).slice(-1_000_000));
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killGroup(child.pid);
    }, timeout);
    child.once('error', (error) => (clearTimeout(timer), fail(error)));
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return done(output);
      const end = late ? `not done after ${timeout / 1000} s` : `exit ${code ?? signal}`;
      fail(new Error(`${output.trimEnd()}\n${[command, ...args].join(' ')}: ${end}`));
    });
  });
}

/** Kills a program and what it started in its own group. */
export function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
