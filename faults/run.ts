import { setTimeout as pause } from 'node:timers/promises';

import { HarnessFailed } from './failures.js';
import { judge } from './judge/judge.js';
import { Crowd } from './load/crowd.js';
import { Random } from './random.js';
import { kindsTable, weatherLines, wrongLines } from './report/report.js';
import { Tally } from './report/tally.js';
import { schedule } from './schedule.js';
import type { Settings } from './settings.js';
import type { Stage } from './stage.js';

const MINUTE = 60_000;
/** So many faults of the schedule are named before it begins. */
const NAMED = 200;
/** As a rule one takes no less than this, with the peace before it. In milliseconds. */
const SHORTEST = 1_500;

/** Answers whether every promise was kept. */
export async function run(stage: Stage, settings: Settings, say: (line: string) => void): Promise<boolean> {
  const { seed, minutes, buyers, sabotage, patience } = settings;
  const kinds = settings.kinds.filter(({ name, impossible }) => {
    const why = impossible?.();
    if (why !== undefined) say(`left out: ${name}: ${why}`);
    return why === undefined;
  });
  const count = Math.min(NAMED, Math.ceil((minutes * MINUTE) / SHORTEST));
  const plan = schedule(seed, kinds);
  say(`schedule of seed ${seed}: ${Array.from({ length: count }, () => plan.next().value.kind.name).join(', ')} …`);
  if (sabotage) {
    await sabotage.plant(stage);
    say(`sabotage: ${sabotage.title}`);
  }
  const tally = new Tally(kinds);
  const { weather } = stage.client;
  const again = () => [...weather.again.values()].reduce((sum, times) => sum + times, 0);
  const began = performance.now();
  const crowd = new Crowd(stage.shop, buyers, new Random(seed).fork());
  const elapsed = () => `${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s`;
  for (const { number, kind, random, peace } of schedule(seed, kinds)) {
    await pause(peace);
    if (performance.now() - began >= minutes * MINUTE) break;
    const before = again();
    tally.begins(kind);
    const injected = await kind.inject(stage, random).catch((error: unknown) => {
      throw new HarnessFailed(`${kind.name} could not be made: ${error instanceof Error ? error.stack : String(error)}`);
    });
    tally.count(kind, injected, again() - before);
    const { recovery, note } = injected;
    const back =
      recovery === undefined ? '' : recovery === 'never' ? ', and it did not recover' : `, back after ${Math.round(recovery)} ms`;
    say(`${elapsed()}  #${number} ${kind.name}${note ? ` (${note})` : ''}${back}`);
  }
  say(`${elapsed()}  nothing is broken any more; the last customers leave`);
  await Promise.all(stage.sides.map(({ replica }) => replica.ready()));
  await crowd.leaves();
  const played = (performance.now() - began) / 1000;
  const judgement = await judge(stage);
  for (const { lost } of judgement.forgotten) for (const { at } of lost) tally.blame(at);
  say(`\n${kindsTable(tally)}\n`);
  for (const line of weatherLines(weather)) say(line);
  const { told } = stage;
  const acknowledged = [
    `${told.orders.length} orders`,
    `${told.attempts.length} payments begun`,
    `${told.payments} paid`,
    `${told.shipments.length} shipments`,
    `${told.refunds.length} refunds`,
    `${told.cancels.length} cancels`,
  ];
  say(`acknowledged: ${told.count} operations in ${Math.round(played)} s (${acknowledged.join(', ')})`);
  say(`killed: ${tally.killed} processes; all money had its place after ${(judgement.quietAfter / 1000).toFixed(1)} s`);
  const wrong = wrongLines(judgement, tally, patience);
  if (wrong.length === 0) {
    say(
      `Every promise was kept: nothing acknowledged is lost, nothing happened twice, all ${judgement.invariants} invariants hold, and the gateways' books agree. Seed ${seed}.`,
    );
    return true;
  }
  say(`\nBROKEN, with seed ${seed}:`);
  for (const line of wrong) say(`  ${line}`);
  return false;
}
