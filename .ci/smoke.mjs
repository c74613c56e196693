// The program as a newcomer meets it: start, the printed lines, the demo, stop, start again, kill -9, start again.
import { chownSync, chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { commandLine } from './command-line.mjs';
import { NPM_START, PROGRAM_ITSELF, freePorts, gone, start } from './program.mjs';
import { MINUTE, check, expect, note, run } from './tally.mjs';

/** What follows `npm run demo`. */
const DEMOS = [[], ['--', '--gateway', 'wechatpay'], ['--', '--gateway', 'unionpay'], ['--', '--gateway', 'wechatpay,alipay']];

const READY_WITHIN_SECONDS = 3;
// A machine that does other things at the same time gets this much.
const READY_WITHIN_SECONDS_ON_CI = 5;

/** Each step leans on the one before it: where the program does not start, what follows fails too, and is counted so. */
export async function smoke(name, { folder, user = {}, env = {} }) {
  const dataDir = mkdtempSync(join(tmpdir(), 'suanpan-smoke-'));
  chmodSync(dataDir, 0o755);
  if (user.uid !== undefined) chownSync(dataDir, user.uid, user.gid);
  const [port, simulatorPort] = await freePorts(2);
  const settings = { ...env, DATA_DIR: dataDir, PORT: String(port), SIMULATOR_PORT: String(simulatorPort) };
  const begin = (command, within) => start(command, { folder, user, env: settings, within });
  const step = (what, work) => check(`${name}: ${what}`, work);
  const traces = [dataDir];
  let program;
  const running = () => program ?? expect(false, 'the program does not run');
  /** Ends the program in some way, and sees to it that it does not stand in the way of the next step. */
  const ending = async (end) => {
    const ended = running();
    program = undefined;
    try {
      return await end(ended);
    } finally {
      ended.kill();
    }
  };
  const ask = (path, options = {}) =>
    fetch(`${running().url}${path}`, {
      ...options,
      headers: { authorization: `Bearer ${running().apiKey}`, 'content-type': 'application/json' },
    });

  await step('npm start, for the first time', async () => {
    program = await begin(NPM_START, 2 * MINUTE);
    // As root, or below a closed folder, the data may lie elsewhere.
    if (program.database) traces.push(program.database);
    expect(program.url && program.apiKey && program.simulatorUrl, `it does not say all that it should:\n${program.output()}`);
    return `ready after ${program.seconds.toFixed(1)} s`;
  });

  await step('the three printed curl lines, as pasted', async () => {
    const { curls } = running();
    expect(curls.length === 3, `it prints ${curls.length}`);
    const answers = [];
    for (const line of curls) answers.push(JSON.parse(await run('bash', ['-c', line])));
    const [order, list, stock] = answers;
    expect(order.status === 'pending_payment' && order.amountDue === 31_000, `the order: ${JSON.stringify(order)}`);
    expect(list.data?.[0]?.id === order.id, `the list: ${JSON.stringify(list)}`);
    expect(stock.reserved >= 2 && stock.available === stock.onHand - stock.reserved, `the stock: ${JSON.stringify(stock)}`);
  });

  await step('Swagger UI, its document, health and metrics answer', async () => {
    for (const path of ['/docs', '/docs/openapi.json', '/health/live', '/health/ready', '/metrics']) {
      const answer = await fetch(`${running().url}${path}`);
      // Read to its end: a program that is asked to stop finishes the answers that it has begun.
      await answer.arrayBuffer();
      expect(answer.status === 200, `${path}: ${answer.status}`);
    }
  });

  for (const played of DEMOS) {
    await step(['npm run demo', ...played].join(' '), async () => {
      const { url, simulatorUrl, apiKey } = running();
      const told = { SUANPAN_URL: url, SIMULATOR_URL: simulatorUrl, SUANPAN_API_KEY: apiKey };
      const said = await run('npm', ['run', '--silent', 'demo', ...played], {
        ...{ cwd: folder, ...user, timeout: 3 * MINUTE },
        env: { ...process.env, ...env, ...told },
      });
      const [figures] = /^\d+ checks in \d+ steps, all ✓/m.exec(said) ?? expect(false, `it has no end:\n${said}`);
      return figures;
    });
  }

  await step('npm run check:invariants, while it runs', invariantsHold);

  await step('npx suanpan: help, a genuine notice, an altered one', () => commandLine({ folder, scratch: dataDir, user, env }));

  await step('SIGTERM to npm stops it, with nothing left running', () =>
    ending(async (ended) => {
      ended.terminate();
      await gone(traces, 10_000);
    }),
  );

  await step('npm start, again', async () => {
    program = await begin(NPM_START, MINUTE);
    const { seconds } = program;
    expect(seconds <= READY_WITHIN_SECONDS_ON_CI, `ready after ${seconds.toFixed(2)} s`);
    if (seconds > READY_WITHIN_SECONDS) note(`slow: more than ${READY_WITHIN_SECONDS} s`);
    return `ready after ${seconds.toFixed(2)} s`;
  });

  await step('Ctrl-C stops it, with nothing left running', () =>
    ending(async (ended) => {
      ended.interrupt();
      await gone(traces, 10_000);
    }),
  );

  const acknowledged = [];
  await step('kill -9 in the middle of orders: all that it started ends by itself', async () => {
    program = await begin(PROGRAM_ITSELF, MINUTE);
    const buyers = Array.from({ length: 8 }, () => buyUntilRefused(acknowledged));
    await pause(700);
    await ending(async (ended) => {
      ended.kill();
      await ended.end();
    });
    await Promise.all(buyers);
    expect(acknowledged.length > 0, 'no order was placed before it was killed');
    await gone(traces, 15_000);
    return `${acknowledged.length} orders had been acknowledged`;
  });

  await step('started again after kill -9: each of those orders is there', async () => {
    program = await begin(PROGRAM_ITSELF, MINUTE);
    const lost = [];
    for (const id of acknowledged) {
      const order = await (await ask(`/v1/orders/${id}`)).json();
      if (order.id !== id || order.status !== 'pending_payment') lost.push(id);
    }
    expect(acknowledged.length > 0, 'no order was placed before it was killed');
    expect(lost.length === 0, `lost: ${lost.join(', ')}`);
    return `ready after ${program.seconds.toFixed(2)} s`;
  });

  await step('npm run check:invariants, after kill -9', invariantsHold);

  await step('SIGTERM to the program ends it with 0, with nothing left running', () =>
    ending(async (ended) => {
      ended.terminate();
      const { code, signal } = await ended.end();
      expect(code === 0, `it ended with ${code ?? signal}`);
      await gone(traces, 1_000);
    }),
  );

  program?.kill();
  await gone(traces, 15_000).catch((error) => note(error.message));
  for (const folderOfOurs of new Set(traces)) rmSync(folderOfOurs, { recursive: true, force: true });

  /** In the embedded database, which the command finds by itself. */
  async function invariantsHold() {
    const all = { cwd: folder, ...user, env: { ...process.env, ...settings } };
    const said = await run('npm', ['run', '--silent', 'check:invariants'], all);
    const [figures] = /^(\d+) of \1 invariants hold/m.exec(said) ?? expect(false, `it has no end:\n${said}`);
    return figures;
  }

  /** One buyer, who orders until nobody answers any more. */
  async function buyUntilRefused(placed) {
    const body = JSON.stringify({ customerId: 'c-crash', items: [{ sku: 'SAMPLE-TEA', quantity: 1 }] });
    for (let tries = 0; tries < 10_000 && program; tries += 1) {
      const answer = await ask('/v1/orders', { method: 'POST', body }).catch(() => undefined);
      const order = await answer?.json().catch(() => undefined);
      if (order === undefined) return;
      if (answer.status === 201) placed.push(order.id);
    }
  }
}
