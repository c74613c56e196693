import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';

// The shell holds our end of a pipe. When this process goes away, by whatever signal, `cat` ends and the program is told to stop.
const GUARD =
  'exec 3<&0; "$@" 3<&- <&- & p=$!; trap "" INT TERM HUP; (cat <&3 >/dev/null; kill -TERM $p 2>/dev/null) & w=$!; wait $p; c=$?; kill -9 $w 2>/dev/null; exit $c';

/** A program of ours as a process of its own, that ends with this one. */
export class Child {
  private said = '';
  private readonly ended: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    const hear = (chunk: Buffer) => (this.said += chunk.toString());
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    this.ended = new Promise((ended) => child.once('close', ended));
  }

  static start(program: string, env: Readonly<Record<string, string>>): Child {
    const args = ['-c', GUARD, 'sh', process.execPath, program];
    return new Child(spawn('/bin/sh', args, { env: { PATH: '/usr/bin:/bin', ...env }, stdio: ['pipe', 'pipe', 'pipe'], detached: true }));
  }

  /** What it has said, once that has this in it. Throws with all of it where it ends instead. */
  async says(pattern: RegExp): Promise<string> {
    const heard = new Promise<string>((resolve) => {
      const look = () => pattern.test(this.said) && resolve(this.said);
      this.child.stdout?.on('data', look);
      look();
    });
    const gone = this.ended.then(() => Promise.reject(new Error(`it ended by itself:\n${this.said.trim()}`)));
    return Promise.race([heard, gone]);
  }

  /** kill -9, with all that it has begun. */
  async kill(): Promise<void> {
    if (this.child.pid !== undefined) {
      try {
        process.kill(-this.child.pid, 'SIGKILL');
      } catch {
        // It is gone already.
      }
    }
    await this.ended;
  }

  async stop(): Promise<void> {
    this.child.stdin?.end();
    await this.ended;
  }
}

export function freePort(): Promise<number> {
  return new Promise((found) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => found(port));
    });
  });
}
