import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { canReach, postgresBinaries, type ServerUser } from './postgres-binaries.js';

export interface EmbeddedPostgres {
  readonly dataDir: string;
  url(database?: string): string;
  /** A fast shutdown: transactions under way are rolled back, everything committed is on disk. */
  stop(): Promise<void>;
}

/** The data folder cannot be used, and this says why in one line. */
export class DataDirUnusable extends Error {}

const NOBODY: ServerUser = { uid: 65_534, gid: 65_534 };
const WINDOWS = process.platform === 'win32';

const INITDB = [
  '-U',
  'postgres',
  '-A',
  'trust',
  '-E',
  'UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-instructions',
];

// The shell holds our end of a pipe. When this process goes away, by whatever signal, cat ends and PostgreSQL is shut
// down; when PostgreSQL ends by itself, so does the shell, and we hear of it.
const GUARD =
  'exec 3<&0; "$@" 3<&- <&- & p=$!; trap "" INT TERM HUP; (cat <&3 >/dev/null; kill -INT $p 2>/dev/null) & w=$!; wait $p; c=$?; kill -9 $w 2>/dev/null; exit $c';

/**
 * A real PostgreSQL out of npm, on this machine only, that dies with this process even on kill -9. As root it runs as
 * `nobody`, since PostgreSQL refuses root. `projectFile` is any file of the project, from which its packages are found.
 */
export async function startEmbeddedPostgres(options: {
  readonly dataDir: string;
  readonly projectFile: string;
  readonly settings?: Readonly<Record<string, string>>;
}): Promise<EmbeddedPostgres> {
  const user = serverUser();
  const native = postgresBinaries(user, options.projectFile);
  const program = (name: string) => join(native, 'bin', WINDOWS ? `${name}.exe` : name);
  const dataDir = reachableDataDir(resolve(options.dataDir), user);
  // Windows needs its own variables; elsewhere nothing of ours is any of its business.
  const env = WINDOWS ? undefined : { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

  if (!existsSync(join(dataDir, 'PG_VERSION'))) {
    // Made beside its place and moved there whole: a start that is killed half-way must not leave half a database.
    const draft = `${dataDir}.new`;
    rmSync(draft, { recursive: true, force: true });
    rmSync(dataDir, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    if (user) chownSync(draft, user.uid, user.gid);
    execFileSync(program('initdb'), ['-D', draft, ...INITDB], { ...user, env, cwd: native, stdio: ['ignore', 'ignore', 'pipe'] });
    renameSync(draft, dataDir);
  }
  await waitForFormerServer(dataDir);

  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '200', ...options.settings };
  const args = ['-D', dataDir, '-p', String(port), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const child = WINDOWS
    ? spawn(program('postgres'), args, { env, stdio: ['pipe', 'ignore', 'pipe'] })
    : spawn('/bin/sh', ['-c', GUARD, 'sh', program('postgres'), ...args], {
        ...user,
        env,
        cwd: '/',
        detached: true,
        stdio: ['pipe', 'ignore', 'pipe'],
      });
  await readiness(child, dataDir);
  return {
    dataDir,
    url: (database = 'postgres') => `postgres://postgres@127.0.0.1:${port}/${database}`,
    stop: () => stop(child),
  };
}

/** Where the server listens that another program runs on this folder; undefined where none does. */
export function runningEmbeddedPostgres(dataDir: string): string | undefined {
  const inUse = reachableDataDir(resolve(dataDir), serverUser());
  const pid = formerServer(inUse);
  if (pid === undefined || !isAlive(pid)) return undefined;
  // Source: PostgreSQL, `miscadmin.h`: the fourth line of the file is the port.
  const port = readFileSync(join(inUse, 'postmaster.pid'), 'utf8').split('\n')[3];
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

/** True where a database was made in this folder before. */
export function hasEmbeddedPostgres(dataDir: string): boolean {
  return existsSync(join(reachableDataDir(resolve(dataDir), serverUser()), 'PG_VERSION'));
}

/** Who the embedded server runs as, where that is not who we are. */
export function serverUser(): ServerUser | undefined {
  return !WINDOWS && process.getuid?.() === 0 ? NOBODY : undefined;
}

/** The folder, or, where it lies below one that the server's user may not enter, a folder of ours that it may. */
function reachableDataDir(wanted: string, user: ServerUser | undefined): string {
  mkdirSync(dirname(wanted), { recursive: true });
  if (user === undefined) {
    const version = join(wanted, 'PG_VERSION');
    if (!existsSync(wanted) || existsSync(version)) return wanted;
    try {
      readFileSync(version);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EACCES') throw new DataDirUnusable(`${wanted} belongs to another user`);
    }
    return wanted;
  }
  if (canReach(dirname(wanted), 'x', user)) return wanted;
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  return join('/var/tmp', `suanpan-${name}`);
}

/** After a kill -9 the former server needs a moment to shut down; one that goes on belongs to a program that still runs. */
async function waitForFormerServer(dataDir: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const pid = formerServer(dataDir);
    if (pid === undefined || !isAlive(pid)) return;
    await pause(100);
  }
  throw new DataDirUnusable(`${dataDir} is in use by another program (PostgreSQL runs there as process ${formerServer(dataDir)})`);
}

function formerServer(dataDir: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** Whether a server of ours still runs under this number; after a restart of the machine it may be anybody's. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres';
  } catch {
    return process.platform !== 'linux';
  }
}

async function readiness(child: ChildProcess, dataDir: string): Promise<void> {
  await new Promise<void>((ready, fail) => {
    let log = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-4_000);
      // A standby says that they are read-only.
      if (/ready to accept (?:read-only )?connections/.test(log)) ready();
      else if (log.includes('FATAL:'))
        fail(new DataDirUnusable(`${dataDir}: ${/FATAL:\s+(.*)/.exec(log)?.[1] ?? 'PostgreSQL did not start'}`));
    });
    child.once('exit', (code) => fail(new DataDirUnusable(`${dataDir}: PostgreSQL stopped at its start with code ${code}`)));
    child.once('error', fail);
  });
  // It must not keep this process alive by itself.
  child.unref();
  for (const stream of [child.stdin, child.stderr]) (stream as { unref?: () => void } | null)?.unref?.();
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((stopped) => {
    if (child.exitCode !== null) return stopped();
    child.once('exit', () => stopped());
    // It keeps nobody from ending while it runs, but whoever stops it waits for that.
    child.ref();
    if (WINDOWS) child.kill();
    else child.stdin?.end();
  });
}

function freePort(): Promise<number> {
  return new Promise((found, fail) => {
    const probe = createServer()
      .once('error', fail)
      .listen(0, '127.0.0.1', () => {
        const address = probe.address();
        probe.close(() => found(typeof address === 'object' && address ? address.port : 0));
      });
  });
}
