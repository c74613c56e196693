import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { findPgbench } from './contenders/pgbench.js';
import { Measuring } from './measuring.js';
import type { Settings } from './settings.js';
import { DatabaseServer } from './world/database-server.js';
import { Driver } from './world/driver.js';
import { makeKeys, type Keys } from './world/keys.js';

/** What all scenarios of one run share. */
export interface Run {
  readonly settings: Settings;
  readonly server: DatabaseServer;
  readonly driver: Driver;
  readonly measuring: Measuring;
  readonly keys: Keys;
  /** For what is only needed while it runs. */
  readonly folder: string;
  /** Undefined where there is no pgbench. */
  readonly pgbench: string | undefined;
  readonly say: (line: string) => void;
  stop(): Promise<void>;
}

export async function startRun(settings: Settings, say: (line: string) => void): Promise<Run> {
  const folder = resolve(settings.dataDir, 'bench');
  mkdirSync(folder, { recursive: true });
  const pgbench = findPgbench(settings.pgbench, settings.path);
  if (pgbench === undefined) say('pgbench: there is none in PATH, and PGBENCH names none: its numbers are left out');
  const keys = await makeKeys(join(folder, 'keys'));
  const { appId, sellerId, alipayPrivateKeyFile } = keys;
  const [server, driver] = await Promise.all([
    DatabaseServer.start({ databaseUrl: settings.databaseUrl, folder }),
    Driver.start({ appId, sellerId, privateKeyFile: alipayPrivateKeyFile }),
  ]);
  let stopped: Promise<void> | undefined;
  return {
    ...{ settings, server, driver, keys, folder, pgbench, say },
    measuring: new Measuring(server, driver),
    stop: () => {
      if (stopped === undefined) {
        driver.stop();
        stopped = server.stop();
      }
      return stopped;
    },
  };
}
