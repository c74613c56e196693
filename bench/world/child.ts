import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { BenchFailed } from '../failures.js';

const LINES_SHOWN = 20;
const BETWEEN_LOOKS = 25;

// The shell holds our end of a pipe. When this process goes away, by whatever signal, `cat` ends and the program is told to stop.
const GUARD =
  'exec 3<&0; "$@" 3<&- <&- & p=$!; trap "" INT TERM HUP; (cat <&3 >/dev/null; kill -TERM $p 2>/dev/null) & w=$!; wait $p; c=$?; kill -9 $w 2>/dev/null; exit $c';

/** A program that is measured: started as a user would start it, its output in a file, and gone when we are. */
export class Child {
  private ended: string | undefined;
  /** How it ended, once it has. */
  readonly end: Promise<string>;

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
    private readonly log: string,
  ) {
    this.end = new Promise((ended) => {
      child.once('exit', (code, signal) => ended(String(code ?? signal)));
      child.once('error', (error) => ended(error.message));
    });
    void this.end.then((how) => (this.ended = how));
  }

  static start(name: string, args: readonly string[], at: { cwd: string; env: Record<string, string>; log: string }): Child {
    const output = openSync(at.log, 'w');
    const child = spawn('/bin/sh', ['-c', GUARD, 'sh', process.execPath, ...args], {
      cwd: at.cwd,
      env: { PATH: '/usr/bin:/bin', ...at.env },
      stdio: ['pipe', output, output],
      // A Ctrl-C at the terminal is ours to pass on.
      detached: true,
    });
    closeSync(output);
    return new Child(name, child, at.log);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Throws `BenchFailed`, with the last lines that it wrote, where it has ended by itself. */
  assertAlive(): void {
    if (this.ended !== undefined) throw new BenchFailed(`${this.name} ended by itself (${this.ended}):\n${this.lastLines()}`);
  }

  lastLines(): string {
    return readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-LINES_SHOWN).join('\n');
  }

  /** All that it has written, once that has this in it. Throws `BenchFailed` where it ends instead. */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const said = readFileSync(this.log, 'utf8');
      if (pattern.test(said)) return said;
      this.assertAlive();
      await pause(BETWEEN_LOOKS);
    }
  }

  /** kill -9, with all that it has begun. */
  async kill(): Promise<void> {
    if (this.ended === undefined) process.kill(-this.pid, 'SIGKILL');
    await this.end;
  }

  async stop(): Promise<void> {
    this.child.stdin?.end();
    await this.end;
  }
}
