import { chownSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';

import { serverUser } from '../../src/platform/database/embedded-postgres.js';

/** Folders whose content a backup must not or need not have; they themselves must be there. Source: PostgreSQL, 25.3.4. */
const EMPTY = new Set(['pg_wal', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans']);
const LEFT_OUT = new Set(['postmaster.pid', 'postmaster.opts', 'pg_internal.init']);

/**
 * A base backup of a server that goes on working: `pg_backup_start`, the files as they are, `pg_backup_stop`. What changes while
 * they are copied is mended from the write-ahead log when the copy is started. Does what `pg_basebackup` does, without it.
 */
export async function takeBaseBackup(client: Client, dataDir: string, target: string): Promise<void> {
  // One session from beginning to end: where it is lost, so is the backup.
  await client.query(`SELECT pg_backup_start('rehearsal', fast => true)`);
  copyFolder(dataDir, target);
  const stopped = await client.query<{ label: string; tablespaces: string }>(
    'SELECT labelfile AS label, spcmapfile AS tablespaces FROM pg_backup_stop(wait_for_archive => true)',
  );
  const { label, tablespaces } = stopped.rows[0] ?? { label: '', tablespaces: '' };
  write(join(target, 'backup_label'), label);
  if (tablespaces !== '') write(join(target, 'tablespace_map'), tablespaces);
}

/** A copy of a backup, ready to be started: it recovers from the archive, and is a database of its own from then on. */
export function prepareRestore(backup: string, target: string): void {
  copyFolder(backup, target);
  write(join(target, 'recovery.signal'), '');
}

/** A folder that the server may write into. */
export function makeServerFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  giveToServer(path);
  return path;
}

function copyFolder(from: string, to: string): void {
  makeServerFolder(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (LEFT_OUT.has(entry.name) || entry.name.startsWith('pgsql_tmp')) continue;
    if (!entry.isDirectory()) copyFile(source, target);
    else if (EMPTY.has(entry.name)) makeServerFolder(target);
    else copyFolder(source, target);
  }
}

function copyFile(from: string, to: string): void {
  try {
    copyFileSync(from, to);
    giveToServer(to);
  } catch (error) {
    // A table was dropped meanwhile; the log says so, too.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function write(path: string, text: string): void {
  writeFileSync(path, text);
  giveToServer(path);
}

function giveToServer(path: string): void {
  const user = serverUser();
  if (user) chownSync(path, user.uid, user.gid);
}
