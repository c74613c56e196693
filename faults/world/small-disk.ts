import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import type { Postgres } from './postgres.js';

const BLOCK = Buffer.alloc(65_536);
const SPACE = 'small_disk';

/** A disk of memory, with a tablespace on it. Mounting is root's to do. */
export class SmallDisk {
  private readonly moved: string[] = [];

  private constructor(
    private readonly postgres: Postgres,
    private readonly folder: string,
  ) {}

  static impossible(this: void): string | undefined {
    return process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0
      ? undefined
      : 'a small disk to fill can only be mounted by root';
  }

  static async mount(postgres: Postgres): Promise<SmallDisk> {
    // The server's user must be able to enter it, and a tablespace is its own.
    const at = join('/var/tmp', `suanpan-faults-${process.pid}`);
    mkdirSync(at, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512m,mode=0700', 'suanpan-faults', at]);
    const disk = new SmallDisk(postgres, at);
    execFileSync('chown', [`--reference=${postgres.dataDir}`, at]);
    try {
      await postgres.query(`CREATE TABLESPACE ${SPACE} LOCATION '${at}'`);
    } catch (error) {
      disk.leave();
      throw error;
    }
    return disk;
  }

  /** The table lies on it from now on. */
  async holds(table: string): Promise<void> {
    await this.postgres.query(`ALTER TABLE ${table} SET TABLESPACE ${SPACE}`);
    this.moved.push(table);
  }

  /** To the last byte. */
  fill(): void {
    const file = openSync(join(this.folder, 'balloon'), 'w');
    try {
      for (;;) writeSync(file, BLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      fsyncSync(file);
      closeSync(file);
    }
  }

  clear(): void {
    rmSync(join(this.folder, 'balloon'), { force: true });
  }

  async unmount(): Promise<void> {
    this.clear();
    for (const table of this.moved) await this.postgres.query(`ALTER TABLE ${table} SET TABLESPACE pg_default`);
    // Files that were left go at the next checkpoint, and a tablespace with files in it stays.
    await this.postgres.query('CHECKPOINT');
    await this.postgres.query(`DROP TABLESPACE ${SPACE}`);
    this.leave();
  }

  private leave(): void {
    execFileSync('umount', ['-l', this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
