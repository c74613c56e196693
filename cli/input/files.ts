import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

import { UsageError } from '../usage-error.js';
import type { World } from '../world.js';

/** In bytes. Nothing that is verified or signed comes near it. */
const LONGEST = 16 * 1024 * 1024;

/** Reads the files that options name; `-` is the standard input, which can be read once. */
export class Files {
  private stdinTakenBy: string | undefined;

  constructor(private readonly world: Pick<World, 'folder' | 'readStdin'>) {}

  /** `option` is for messages, such as `--body`. Throws `UsageError`. */
  bytes(option: string, name: string): Buffer {
    try {
      if (name === '-') return this.stdin(option);
      const path = resolve(this.world.folder, name);
      if (statSync(path).size > LONGEST) throw new UsageError(`${option}: ${name} is longer than ${LONGEST} bytes`);
      return readFileSync(path);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new UsageError(`${option}: ${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
    }
  }

  /** A text without the line break that editors put at its end, and without the line that the simulator puts before its keys. */
  secret(option: string, name: string): string {
    return this.bytes(option, name)
      .toString('utf8')
      .replace(/^Suanpan simulator key[^\n]*\n/, '')
      .replace(/\r?\n$/, '');
  }

  private stdin(option: string): Buffer {
    if (this.stdinTakenBy !== undefined) throw new UsageError(`${option}: the standard input is read for ${this.stdinTakenBy} already`);
    this.stdinTakenBy = option;
    return this.world.readStdin();
  }
}
