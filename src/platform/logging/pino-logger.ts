import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';

import { scrub } from '../secrets/scrub.js';
import { presentTrail } from './trail.js';

/** A line of ours: what happened, in a few words that are always the same, and its particulars. */
export interface Entry {
  readonly msg: string;
  readonly [field: string]: string | number | boolean | null | undefined | readonly string[];
}

/** Fields whose texts are words of ours, or were looked through where they came in: to look again would cost more than the line. */
const OURS: ReadonlySet<string> = new Set([
  ...['correlationId', 'requestId', 'orderId', 'merchantId', 'accountId', 'callbackId', 'eventId', 'context', 'task', 'actor'],
  ...['method', 'route', 'gateway', 'topic', 'call', 'outcome', 'verdict', 'effect'],
]);

/** Lines are written a few together, to call the system less often; a tenth of a second later they are out. What went wrong is out at once. */
const TOGETHER = { minLength: 8_192, periodicFlush: 100, sync: true };

type Level = 'info' | 'debug' | 'warn' | 'error';

/**
 * Nest's logger over pino: one JSON object a line, to standard output, with the trail that it belongs to. What must not be shown is
 * taken out of every text of it.
 */
export class PinoLogger implements LoggerService {
  private readonly pino: Logger;

  constructor(
    level: string,
    private readonly destination: DestinationStream & { flushSync?: () => void } = pino.destination(TOGETHER),
  ) {
    this.pino = pino({ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  }

  /** Nest itself tells at its start what it finds, as texts: that is for whoever looks for it. */
  log(message: unknown, ...rest: unknown[]): void {
    this.write(typeof message === 'string' ? 'debug' : 'info', message, rest);
  }

  /** A function is asked for the line only where somebody reads such lines. */
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    if (!this.pino.isLevelEnabled(level)) return;
    const said: unknown = typeof message === 'function' ? (message as () => unknown)() : message;
    const entry = isEntry(said) ? said : textEntry(said, rest);
    this.pino[level](shown({ ...presentTrail(), context: rest.at(-1) }, entry), entry.msg);
    if (level === 'warn' || level === 'error') this.destination.flushSync?.();
  }
}

function isEntry(said: unknown): said is Entry {
  return typeof said === 'object' && said !== null && typeof (said as Partial<Entry>).msg === 'string';
}

/** Nest gives the context last, and a stack before it where there is one. */
function textEntry(said: unknown, rest: readonly unknown[]): Entry {
  const stack = rest.length > 1 ? rest[0] : undefined;
  const msg = said instanceof Error ? (said.stack ?? said.message) : typeof said === 'string' ? said : JSON.stringify(said);
  return { msg: scrub(msg), ...(typeof stack === 'string' ? { stack } : {}) };
}

/** Puts the fields of an entry to a line's own, which are ours. */
function shown(line: Record<string, unknown>, entry: Entry): Record<string, unknown> {
  for (const name in entry) {
    if (name === 'msg') continue;
    const value = entry[name];
    line[name] = typeof value === 'string' && !OURS.has(name) ? scrub(value) : value;
  }
  return line;
}

/** What is known of an error, with where it came from. */
export function explain(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
