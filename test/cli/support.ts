import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../cli/run.js';

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What `--json` prints. */
export interface Printed {
  readonly verdict: 'verified' | 'not_verified';
  readonly gateway: string;
  readonly readAs: string;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly cause: string | null;
  readonly key: string | null;
  readonly string: string | null;
  readonly signature: string | null;
  readonly expected: 'same' | 'different' | null;
  readonly remarks: readonly string[];
  readonly notice?: Readonly<Record<string, unknown>>;
  readonly [more: string]: unknown;
}

/** A folder with the files of a command, and the command run within this process. */
export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'suanpan-cli-'));
  private count = 0;

  /** Writes a file, and answers its name. */
  file(content: string | Buffer, name = `file-${(this.count += 1)}`): string {
    writeFileSync(join(this.folder, name), content);
    return name;
  }

  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}, stdin = ''): Promise<Ended> {
    let out = '';
    let err = '';
    const code = await run({
      args,
      env,
      folder: this.folder,
      now: () => new Date('2026-01-05T02:12:34Z'),
      readStdin: () => Buffer.from(stdin),
      out: (text) => (out += text),
      err: (text) => (err += text),
    });
    return { code, out, err };
  }

  /** Runs with `--json`, which must not end as a misuse. */
  async print(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Printed & { readonly code: number }> {
    const { code, out, err } = await this.run([...args, '--json'], env);
    if (code === 2) throw new Error(err);
    return { ...(JSON.parse(out) as Printed), code };
  }

  clear(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** A desk for a spec file, cleared after it. */
export function useDesk(): Desk {
  const desk = new Desk();
  afterAll(() => desk.clear());
  return desk;
}

export interface Vector {
  readonly id: string;
  readonly inputs: {
    readonly params?: Readonly<Record<string, string>>;
    readonly headers?: Readonly<Record<string, string>>;
    readonly [name: string]: unknown;
  };
  readonly keys: {
    readonly platformKeys?: Readonly<Record<string, string>>;
    readonly [name: string]: unknown;
  };
  readonly expected: { readonly valid: boolean; readonly reason?: string; readonly [name: string]: unknown };
}

/** The public vectors of a kind, as `it.each` takes them. */
export function vectors(file: string): [string, Vector][] {
  const { vectors: all, count } = JSON.parse(readFileSync(join(process.cwd(), 'test/vectors', `${file}.json`), 'utf8')) as {
    vectors: Vector[];
    count: number;
  };
  if (all.length !== count || count === 0) throw new Error(`${file} is incomplete`);
  return all.map((vector) => [vector.id, vector]);
}
