import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

import { scrub } from '../secrets/scrub.js';

/** Nest's logger over pino: one JSON object a line, to standard output. What must not be shown is taken out of every line. */
export class PinoLogger implements LoggerService {
  private readonly pino: Logger;

  constructor(level: string) {
    this.pino = pino({ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime });
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.pino.debug(...entry(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.pino.error(...entry(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.pino.warn(...entry(message, rest));
  }
}

/** Nest gives the context last, and a stack before it where there is one. */
function entry(message: unknown, rest: readonly unknown[]): [object, string] {
  const context = rest.at(-1);
  const stack = rest.length > 1 ? rest[0] : undefined;
  const text =
    message instanceof Error ? (message.stack ?? message.message) : typeof message === 'string' ? message : JSON.stringify(message);
  const shownContext = typeof context === 'string' ? scrub(context) : context;
  const shownStack = typeof stack === 'string' ? scrub(stack) : stack;
  return [{ context: shownContext, ...(stack === undefined ? {} : { stack: shownStack }) }, scrub(text)];
}
