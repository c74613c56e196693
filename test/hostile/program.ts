import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformFileSync } from '@swc/core';

export type Environment = Readonly<Record<string, string>>;

/** The program as a build would leave it, made here so that the tests need none. */
export class CompiledProgram {
  private readonly started: RunningProgram[] = [];

  private constructor(readonly folder: string) {}

  static compile(): CompiledProgram {
    const folder = mkdtempSync(join(tmpdir(), 'suanpan-program-'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
    for (const file of readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))) {
      const target = join(folder, 'src', file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      const { code } = transformFileSync(join('src', file), {
        swcrc: false,
        module: { type: 'es6' },
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true, dynamicImport: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
      });
      writeFileSync(target, code);
    }
    execFileSync(process.execPath, ['scripts/bundle.mjs', join(folder, 'src'), join(folder, 'program')], { stdio: ['ignore', 2, 2] });
    return new CompiledProgram(folder);
  }

  /** A file of the program's own folder, such as a key. */
  write(name: string, content: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  start(env: Environment): RunningProgram {
    const program = new RunningProgram(
      spawn(process.execPath, ['program/main.js'], { cwd: this.folder, env: { PATH: process.env.PATH, ...env } }),
    );
    this.started.push(program);
    return program;
  }

  /** With whatever of it still runs. */
  async remove(): Promise<void> {
    await Promise.all(this.started.map((program) => program.stop()));
    rmSync(this.folder, { recursive: true });
  }
}

/** A process of its own, and every word that it says. */
export class RunningProgram {
  private said = '';
  private readonly ended: Promise<number | null>;

  constructor(private readonly child: ChildProcess) {
    const hear = (chunk: Buffer) => (this.said += chunk.toString());
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    this.ended = new Promise((resolve) => child.once('close', resolve));
  }

  /** The address it listens at. Rejects where it ends instead. */
  async url(): Promise<string> {
    const listens = () => /^(?: {2}API {9}(?=\S+\/v1$)|suanpan listens on )(http:\/\/[\d.:]+)/m.exec(this.said)?.[1];
    const ready = new Promise<string>((resolve) => {
      const look = () => {
        const url = listens();
        if (url !== undefined) resolve(url);
      };
      this.child.stdout?.on('data', look);
      look();
    });
    return Promise.race([
      ready,
      this.ended.then(() => {
        throw new Error(`the program has ended: ${this.said}`);
      }),
    ]);
  }

  /** The processes that it has begun and that still run, by what they call themselves. */
  children(): ReadonlyMap<string, number> {
    const running = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
    const ours = running.flatMap((line) => {
      const [, pid, parent, title = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return Number(parent) === this.child.pid && title.startsWith('suanpan ') ? [[title.trim(), Number(pid)] as const] : [];
    });
    return new Map(ours);
  }

  /** The process that calls itself so. */
  processCalled(name: string): number {
    const pid = this.children().get(name);
    if (pid === undefined) throw new Error(`no process is called ${name}`);
    return pid;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** With which code it ends, and all that it said. */
  async end(): Promise<{ readonly code: number | null; readonly said: string }> {
    return { code: await this.ended, said: this.said };
  }

  /** Everything it said, on either stream, once it has ended by itself. */
  async lastWords(): Promise<string> {
    await this.ended;
    return this.said;
  }

  async stop(): Promise<string> {
    this.child.kill('SIGTERM');
    return this.lastWords();
  }
}
