import { firstWrite } from '../probe.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { migrations } from '../../src/migrations/index.js';
import { setTimeout as pause } from 'node:timers/promises';
import type { MigrationInterface, QueryRunner } from 'typeorm';

import type { Stage } from '../stage.js';
import { measured, type Injected, type Kind } from './kind.js';

const TEN_MINUTES = 600_000;

/** One replica's machine has a clock of its own: ten minutes ahead, or behind. */
async function clockOff(stage: Stage, skew: number): Promise<Injected> {
  const [, { replica }] = stage.sides;
  replica.skew = skew;
  await replica.restart();
  await pause(3_000);
  replica.skew = 0;
  await replica.restart();
  return { recovery: measured(await firstWrite(stage, performance.now())), note: `${skew > 0 ? 'ahead' : 'behind'} for three seconds` };
}

async function rollingRestart(stage: Stage): Promise<Injected> {
  const took: string[] = [];
  for (const { replica } of stage.sides) {
    const { ended, ready } = await replica.restart();
    took.push(`${replica.name} ended after ${Math.round(ended)} ms, ready ${Math.round(ready)} ms later`);
  }
  return { recovery: measured(await firstWrite(stage, performance.now())), note: took.join('; ') };
}

let columns = 0;

/**
 * What a next release would bring: a column with a default and an index, of one table. Whoever changes two tables in one
 * transaction may wait for a request that waits for him.
 */
function additive(): new () => MigrationInterface {
  columns += 1;
  const column = `added_${columns}`;
  return class implements MigrationInterface {
    readonly name = `Added${columns}${1_900_000_000_000 + columns}`;

    async up(runner: QueryRunner): Promise<void> {
      await runner.query(`ALTER TABLE orders ADD COLUMN ${column} text NOT NULL DEFAULT 'nothing'`);
      await runner.query(`CREATE INDEX ${column}_index ON orders (${column}, id)`);
    }

    async down(): Promise<void> {
      await Promise.reject(new Error('it is never taken back'));
    }
  };
}

async function migrateUnderLoad(stage: Stage): Promise<Injected> {
  const since = performance.now();
  await migrate(stage.postgres.url(), [...migrations, additive()]);
  const took = performance.now() - since;
  return { recovery: measured(await firstWrite(stage, performance.now())), note: `in ${Math.round(took)} ms` };
}

export const REPLICAS: readonly Kind[] = [
  {
    name: 'clock-off',
    title: 'the clock of one replica off by ten minutes',
    inject: (stage, random) => clockOff(stage, random.pick([TEN_MINUTES, -TEN_MINUTES])),
  },
  { name: 'rolling-restart', title: 'both replicas restarted, one after the other, as a deployment does it', inject: rollingRestart },
  { name: 'migration', title: 'an additive migration while everybody buys', inject: migrateUnderLoad },
];
