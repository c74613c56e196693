import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Notice } from '../notices/notice.js';
import type { Refund } from './refund.js';
import type { Order, Trade } from './trade.js';

/** One record as it stands after the change. Replaying is putting each where it belongs, the later over the earlier. */
export type Change =
  | { readonly kind: 'order'; readonly value: Order }
  | { readonly kind: 'trade'; readonly value: Trade }
  | { readonly kind: 'refund'; readonly value: Refund }
  | { readonly kind: 'notice'; readonly value: Notice };

/**
 * Where changes are kept: one line of JSON for the changes that belong together, so that a torn write loses all of them or none.
 * A line is written before the answer that depends on it leaves, which is what survives a kill -9.
 */
export interface Journal {
  replay(apply: (change: Change) => void): void;
  append(...changes: Change[]): void;
  clear(): void;
  close(): void;
}

/** For tests, which need no restart. */
export class MemoryJournal implements Journal {
  replay(): void {}
  append(): void {}
  clear(): void {}
  close(): void {}
}

export class FileJournal implements Journal {
  private readonly file: number;

  constructor(private readonly path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.file = openSync(path, 'a+', 0o600);
  }

  replay(apply: (change: Change) => void): void {
    const bytes = readFileSync(this.path);
    const end = bytes.lastIndexOf('\n') + 1;
    // What follows the last line end was being written when the program died. Nobody was told of it, so it did not happen.
    if (end < bytes.length) ftruncateSync(this.file, end);
    const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    lines.forEach((line, index) => this.parse(line, index + 1).forEach(apply));
  }

  append(...changes: Change[]): void {
    const line = Buffer.from(`${JSON.stringify(changes)}\n`);
    for (let written = 0; written < line.length;) written += writeSync(this.file, line, written);
  }

  clear(): void {
    ftruncateSync(this.file, 0);
  }

  close(): void {
    fsyncSync(this.file);
    closeSync(this.file);
  }

  private parse(line: string, number: number): Change[] {
    try {
      return (JSON.parse(line) as Change[]).map(upgraded);
    } catch (cause) {
      // Only the last line can be torn. Anything else was damaged by someone, and guessing would invent or lose money.
      throw new Error(`line ${number} of ${this.path} is not JSON; delete the file to start with empty books`, { cause });
    }
  }
}

/** A record as it is written today. What an older version of the program wrote lacks what came later, and meant this. */
function upgraded(change: Change): Change {
  switch (change.kind) {
    case 'order':
      return { kind: 'order', value: { ...OLD_ORDER, ...change.value } };
    case 'trade':
      return { kind: 'trade', value: { ...OLD_TRADE, ...change.value } };
    case 'refund': {
      const known = { refundNo: change.value.outRequestNo, endedAt: change.value.at };
      return { kind: 'refund', value: { ...OLD_REFUND, ...known, ...change.value } };
    }
    case 'notice':
      return { kind: 'notice', value: { ...OLD_NOTICE, ...change.value } };
  }
}

const OLD_ORDER = { details: {} };
const OLD_TRADE = { ...OLD_ORDER, refundingAmount: 0 };
const OLD_REFUND = { ...OLD_ORDER, notifyUrl: null, state: 'succeeded' as const, due: null }; // Alipay's, which is over at once.
const OLD_NOTICE = { outRequestNo: null };
