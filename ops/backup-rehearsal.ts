import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';

import { checkInvariants } from '../src/platform/invariants/check-invariants.js';
import { archived, archiveEverything, isThere, recovered, recoverFrom, ROWS_OF_TRADES, UNKNOWN_MONEY } from './rehearsal/questions.js';
import { makeServerFolder, prepareRestore, takeBaseBackup } from './rehearsal/physical-backup.js';
import { Shop } from './rehearsal/shop.js';
import { Stage } from './rehearsal/stage.js';

const HELP = `Backs a database up while orders are placed, destroys it, restores it, and looks whether everything is there.

  npm run backup:rehearsal [-- --seconds N]   N: how long orders are placed in each part, 3 if nothing is said

It has an embedded PostgreSQL, a gateway simulator and the program of its own, in a folder of its own, and touches nothing else.
Exit code: 0 what was promised held, 1 it did not. What it does, and how the same is done for real: docs/operations.md.
`;

/** Something that was promised did not hold. */
class Broken extends Error {}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** Of whom the restored database knows that they are at the cashier, and the gateway that they have paid. */
const SLOW_PAYERS = 5;
/** So long the program is left to ask the gateway by itself; one that was just being asked about is left in peace for half a minute. */
const ALONE = 5_000;

async function main(): Promise<void> {
  const { seconds: text, help } = parseArgs({
    options: { seconds: { type: 'string', default: '3' }, help: { type: 'boolean', default: false } },
  }).values;
  if (help) return say(HELP.trimEnd());
  const seconds = Number(text);
  if (!(seconds >= 1 && seconds <= 3_600)) throw new Broken('--seconds: must be a number from 1 to 3600');
  const folder = mkdtempSync(join(tmpdir(), 'suanpan-rehearsal-'));
  chmodSync(folder, 0o711);
  const stage = await Stage.open(folder);
  try {
    await rehearse(stage, folder, seconds * 1_000);
  } finally {
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function rehearse(stage: Stage, folder: string, millis: number): Promise<void> {
  const archive = makeServerFolder(join(folder, 'archive'));
  const server = await stage.startDatabase('postgres', archiveEverything(archive));
  await stage.startProgram(server.url());
  const shop = new Shop(stage.url, stage.apiKey, stage.gatewayUrl);
  await shop.opens();
  await pause(millis);

  const client = await connected(server.url());
  const backup = join(folder, 'backup');
  const [begun, before] = [performance.now(), shop.told.length];
  await takeBaseBackup(client, server.dataDir, backup);
  say(`base backup in ${since(begun)}, while ${shop.told.length - before} promises were made`);
  await pause(millis);

  const atCashier = await Promise.all(Array.from({ length: SLOW_PAYERS }, () => shop.sendsToCashier()));
  // What was promised up to here has to be there, whatever comes.
  const promised = [...shop.told];
  await client.query(`SELECT pg_create_restore_point('the_line')`);
  const afterPoint = shop.told.length;
  await archived(client);
  const [inFlight, marker] = [afterPoint + 16, shop.told.length];
  say(`${promised.length} promises archived; orders go on`);
  for (const payer of atCashier) await shop.pays(payer);
  await pause(millis);
  await client.end();
  await stage.destroy(server);
  await shop.closes();
  const later = shop.told.slice(promised.length);
  say(`kill -9 to the program and to PostgreSQL, and its files are gone; ${later.length} promises were made since`);

  let restoredUrl = '';
  await restoreToThePoint();
  const restored = await restoreAll();
  await whatOnlyTheGatewayKnows(restored);
  await holds(restored);
  await restored.end();
  say(`\nheld: ${promised.length} of ${promised.length} promises that were archived are there, and every invariant holds`);

  /** To a moment: what was done after it is not there. */
  async function restoreToThePoint(): Promise<void> {
    prepareRestore(backup, join(folder, 'moment'));
    const moment = await stage.startDatabase('moment', {
      ...recoverFrom(archive),
      recovery_target_name: 'the_line',
      recovery_target_action: 'promote',
    });
    const asked = await connected(moment.url());
    await recovered(asked);
    const missing = await isThere(asked, promised);
    if (missing.length > 0) throw new Broken(`restored to the moment, ${missing.length} are missing: ${missing.slice(0, 3).join(', ')}`);
    // Those under way at that moment may be on either side of it.
    const afterwards = shop.told.slice(Math.min(inFlight, marker)).filter(({ outTradeNo }) => outTradeNo === undefined);
    const absent = await isThere(asked, afterwards);
    if (absent.length < afterwards.length) throw new Broken('restored to the moment, it has what was done after it');
    await holds(asked);
    await asked.end();
    await moment.stop();
    say(`restored to the moment: ${promised.length} promises are there, ${absent.length} orders of later are not`);
  }

  /** As far as the archive goes. */
  async function restoreAll(): Promise<Client> {
    const restoring = performance.now();
    prepareRestore(backup, join(folder, 'restored'));
    const latest = await stage.startDatabase('restored', recoverFrom(archive));
    restoredUrl = latest.url();
    const asked = await connected(restoredUrl);
    await recovered(asked);
    say(`restored as far as the archive goes, in ${since(restoring)}`);
    const missing = await isThere(asked, promised);
    if (missing.length > 0) throw new Broken(`${missing.length} promises are missing: ${missing.slice(0, 5).join(', ')}`);
    const lost = await isThere(asked, later);
    say(`of ${later.length} promises after the last that was archived on purpose, ${lost.length} are lost: the rest was archived by then`);
    await holds(asked);
    return asked;
  }

  async function whatOnlyTheGatewayKnows(restored: Client): Promise<void> {
    const { trades } = await shop.gatewayBooks();
    const paid = trades.filter(({ paidAmount }) => paidAmount > 0);
    const rows = async () =>
      (
        await restored.query<{ id: string; outTradeNo: string; status: string; isNamed: boolean }>(ROWS_OF_TRADES, [
          paid.map(({ outTradeNo }) => outTradeNo),
        ])
      ).rows;
    const known = new Set((await rows()).map(({ outTradeNo }) => outTradeNo));
    // What was paid and refunded after the archive's end is no payment any more: the refund is one that nobody knows of.
    const open = async () => (await rows()).filter(({ status, isNamed }) => status !== 'succeeded' && !isNamed);
    const toFind = (await open()).length;
    if (toFind < SLOW_PAYERS) throw new Broken('payments of after the archive are in what was restored from it');
    const began = performance.now();
    await stage.startProgram(restoredUrl);
    while ((await open()).length > 0 && performance.now() - began < ALONE) await pause(100);
    const asked = await open();
    for (const { id } of asked) await shop.asksAbout(id);
    const [left] = await open();
    if (left) throw new Broken(`a payment that the gateway has was not found: ${left.id} is ${left.status}`);
    say(
      `${toFind} payments that the gateway alone knew of were found by asking it, ${asked.length} of them by hand, within ${since(began)} of its start`,
    );

    const unknown = paid.filter(({ outTradeNo }) => !known.has(outTradeNo));
    for (const { outTradeNo } of unknown) await shop.isNotifiedOf(outTradeNo);
    const named = new Set((await restored.query<{ outTradeNo: string }>(UNKNOWN_MONEY)).rows.map(({ outTradeNo }) => outTradeNo));
    const unnamed = unknown.filter(({ outTradeNo }) => !named.has(outTradeNo));
    if (unnamed.length > 0) throw new Broken(`${unnamed.length} trades without an order are not in the inbox`);
    const sum = unknown.reduce((total, { paidAmount, refundedAmount }) => total + paidAmount - refundedAmount, 0);
    say(`${unknown.length} trades over ${sum} fen belong to orders that are lost: each is in the inbox once the gateway tells of it again`);
  }
}

async function holds(client: Client): Promise<void> {
  const { invariants } = await checkInvariants(client);
  const broken = invariants.filter(({ violations }) => violations > 0);
  const [first] = broken.flatMap(({ name, sample }) => sample.map(({ subject, wrong }) => `${name}: ${subject}: ${wrong}`));
  if (first !== undefined) throw new Broken(`${broken.length} invariants are broken: ${first}`);
  say(`${invariants.length} of ${invariants.length} invariants hold`);
}

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

const since = (begun: number): string => `${((performance.now() - begun) / 1_000).toFixed(1)} s`;

main().catch((error: unknown) => {
  process.stderr.write(
    `backup:rehearsal: ${error instanceof Broken ? error.message : error instanceof Error ? (error.stack ?? '') : String(error)}\n`,
  );
  process.exitCode = 1;
});
