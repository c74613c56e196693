import { Client } from 'pg';
import { setTimeout as pause } from 'node:timers/promises';

import { firstWrite } from '../probe.js';
import type { Random } from '../random.js';
import type { Stage } from '../stage.js';
import { SmallDisk } from '../world/small-disk.js';
import { measured, type Injected, type Kind } from './kind.js';

/** Everybody who writes an order waits, with a connection in hand each, until there is none left in any pool. */
async function exhaustPool(stage: Stage, random: Random): Promise<Injected> {
  const milliseconds = random.between(1_500, 4_000);
  await stage.postgres.withClient(async (client) => {
    await client.query('BEGIN');
    await client.query('LOCK TABLE stock_levels IN ACCESS EXCLUSIVE MODE');
    await pause(milliseconds);
    await client.query('ROLLBACK');
  });
  return { recovery: measured(await firstWrite(stage, performance.now())), note: `for ${milliseconds} ms` };
}

/** Others take every connection that PostgreSQL lets in, and the program's own are cut: it gets none for a while. */
async function takeConnections(stage: Stage, random: Random): Promise<Injected> {
  const milliseconds = random.between(1_000, 3_000);
  const taken: Client[] = [];
  const fill = async () => {
    for (;;) {
      const client = new Client({ connectionString: stage.postgres.url(), application_name: 'faults' });
      client.on('error', () => undefined);
      try {
        await client.connect();
      } catch {
        return;
      }
      taken.push(client);
    }
  };
  await Promise.all([fill(), fill(), fill(), fill()]);
  for (const { back } of stage.sides) back.cut();
  await fill();
  await pause(milliseconds);
  await Promise.all(taken.map((client) => client.end().catch(() => undefined)));
  return { recovery: measured(await firstWrite(stage, performance.now())), note: `${taken.length} connections for ${milliseconds} ms` };
}

/** What every command writes lies on a disk that is full for a while. */
async function fillDisk(stage: Stage, random: Random): Promise<Injected> {
  const milliseconds = random.between(1_500, 3_000);
  const disk = await SmallDisk.mount(stage.postgres);
  try {
    await disk.holds('idempotency_keys');
    disk.fill();
    await pause(milliseconds);
    disk.clear();
    const recovery = measured(await firstWrite(stage, performance.now()));
    return { recovery, note: `for ${milliseconds} ms` };
  } finally {
    await disk.unmount();
  }
}

export const EXHAUSTED: readonly Kind[] = [
  { name: 'pool-exhausted', title: 'every connection of every pool waits for one lock', inject: exhaustPool },
  { name: 'connections-exhausted', title: 'PostgreSQL lets nobody in any more', inject: takeConnections },
  {
    name: 'disk-full',
    title: 'the disk under a table that every command writes is full',
    impossible: SmallDisk.impossible,
    inject: fillDisk,
  },
];
