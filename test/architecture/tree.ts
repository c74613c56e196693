import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export const ROOT = resolve(__dirname, '..', '..');
export const PROGRAMS = ['src', 'simulator', 'demo', 'cli', 'bench', 'ops', 'faults', 'security'] as const;

const COPIED = [...PROGRAMS, 'package.json', 'tsconfig.json', '.dependency-cruiser.cjs'];

/** A copy of the sources, outside the checkout, to plant violations in. */
export class TreeCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'suanpan-architecture-'));

  constructor() {
    for (const path of COPIED) cpSync(join(ROOT, path), join(this.folder, path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(this.folder, 'node_modules'), 'junction');
  }

  /** Puts the text at the top of a file, which is made if there is none. */
  plant(file: string, text: string): void {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    const there = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (!there.startsWith(text)) writeFileSync(path, text + there);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Runs a command line tool of a package with Node, and answers what it wrote, whatever its exit code. */
export function runTool(script: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((done, fail) => {
    const options = { cwd, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [join(ROOT, 'node_modules', script), ...args], options, (error, stdout, stderr) => {
      if (stdout === '' && error) fail(new Error(`${script}: ${stderr}`));
      else done(stdout);
    });
  });
}
