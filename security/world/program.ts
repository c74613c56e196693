import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { freePort } from '../../bench/world/ports.js';
import { CannotRun } from '../failures.js';

const START = fileURLToPath(new URL('../../../scripts/start.mjs', import.meta.url));
const LONGEST_START = 120_000;
const LONGEST_STOP = 30_000;
const BETWEEN_LOOKS = 100;
const LINES_SHOWN = 20;

/** The program as a user starts it: with its own PostgreSQL and simulator, in processes of their own, in an empty folder. */
export class Program {
  private ended: string | undefined;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly simulatorUrl: string,
    readonly dataDir: string,
    private readonly log: string,
  ) {
    child.once('exit', (code, signal) => (this.ended = String(code ?? signal)));
  }

  static async start(folder: string, processes: number, path: string): Promise<Program> {
    const [port, simulatorPort] = [await freePort(), await freePort()];
    const log = join(folder, 'program.log');
    const output = openSync(log, 'w');
    const child = spawn(process.execPath, [START], {
      cwd: folder,
      env: {
        PATH: path,
        HOST: '127.0.0.1',
        PORT: String(port),
        SIMULATOR_PORT: String(simulatorPort),
        DATA_DIR: folder,
        LOG_LEVEL: 'debug',
        WEB_CONCURRENCY: String(processes),
      },
      stdio: ['ignore', output, output],
      detached: true,
    });
    closeSync(output);
    const program = new Program(child, `http://127.0.0.1:${port}`, `http://127.0.0.1:${simulatorPort}`, folder, log);
    await program.ready();
    return program;
  }

  get apiKey(): string {
    return readFileSync(join(this.dataDir, 'api-key'), 'utf8').trim();
  }

  /** What it has written so far, on either stream. */
  said(): string {
    return readFileSync(this.log, 'utf8');
  }

  assertAlive(): void {
    if (this.ended === undefined) return;
    const last = this.said().trimEnd().split('\n').slice(-LINES_SHOWN).join('\n');
    throw new CannotRun(`the program ended by itself (${this.ended}):\n${last}`);
  }

  async stop(): Promise<void> {
    if (this.ended !== undefined) return;
    const gone = new Promise<void>((done) => this.child.once('exit', () => done()));
    this.child.kill('SIGTERM');
    const stopped = await Promise.race([gone.then(() => true), pause(LONGEST_STOP, false, { ref: false })]);
    if (!stopped) this.child.kill('SIGKILL');
  }

  private async ready(): Promise<void> {
    const until = Date.now() + LONGEST_START;
    while (Date.now() < until) {
      this.assertAlive();
      // The samples are added after the program listens, and come before this line.
      if (/is ready after \d+ ms/.test(this.said())) return;
      await pause(BETWEEN_LOOKS);
    }
    await this.stop();
    throw new CannotRun(`the program did not start within ${LONGEST_START / 1000} s:\n${this.said().slice(-2_000)}`);
  }
}
