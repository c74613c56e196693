import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';

import { Child } from '../../bench/world/child.js';
import { freePort } from '../../bench/world/ports.js';
import { startSimulator, type RunningSimulator } from '../../bench/world/simulator.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';

const PROGRAM = fileURLToPath(new URL('../../program/main.js', import.meta.url));

/** The programs of the rehearsal, each a process of its own; the gateway's lives on, whatever becomes of the others. */
export class Stage {
  readonly apiKey = `sk_test_${randomBytes(24).toString('hex')}`;
  readonly url: string;
  private readonly secretsKey = randomBytes(32).toString('base64');
  private program: Child | undefined;
  private readonly servers: EmbeddedPostgres[] = [];

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly simulator: RunningSimulator,
  ) {
    this.url = `http://127.0.0.1:${port}`;
  }

  static async open(folder: string): Promise<Stage> {
    return new Stage(folder, await freePort(), await startSimulator(folder));
  }

  get gatewayUrl(): string {
    return this.simulator.url;
  }

  /** As it would be set up: every commit reaches the disk, and every finished part of the write-ahead log goes to the archive. */
  startDatabase(name: string, settings: Readonly<Record<string, string>>): Promise<EmbeddedPostgres> {
    return startEmbeddedPostgres({ dataDir: join(this.folder, name), projectFile: import.meta.url, settings }).then((server) => {
      this.servers.push(server);
      return server;
    });
  }

  async startProgram(databaseUrl: string): Promise<void> {
    this.program = Child.start('the program', [PROGRAM], {
      cwd: this.folder,
      log: join(this.folder, 'program.log'),
      env: {
        ...this.alipay(),
        NODE_ENV: 'development',
        PORT: String(this.port),
        WEB_CONCURRENCY: '1',
        DATABASE_URL: databaseUrl,
        DATA_DIR: join(this.folder, 'data'),
        BOOTSTRAP_API_KEY: this.apiKey,
        SECRETS_KEY: this.secretsKey,
        LOG_LEVEL: 'error',
      },
    });
    await this.program.says(/Ctrl-C stops it/);
  }

  /** The machine burns down: kill -9 for the program and the database, and the database's files are gone. */
  async destroy(server: EmbeddedPostgres): Promise<void> {
    const postmaster = Number.parseInt(readFileSync(join(server.dataDir, 'postmaster.pid'), 'utf8'), 10);
    await this.program?.kill();
    process.kill(postmaster, 'SIGKILL');
    await server.stop();
    // Its children notice it in a moment, and may still write.
    for (let tries = 0; tries < 50; tries += 1) {
      rmSync(server.dataDir, { recursive: true, force: true, maxRetries: 3 });
      await pause(20);
    }
  }

  async close(): Promise<void> {
    await this.program?.stop();
    await this.simulator.child.stop();
    await Promise.all(this.servers.map((server) => server.stop()));
  }

  /** Of the gateways, one is enough to be paid at. */
  private alipay(): Record<string, string> {
    return Object.fromEntries(Object.entries(this.simulator.settings).filter(([name]) => name.startsWith('ALIPAY_')));
  }
}
