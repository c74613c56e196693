import type { Answer } from './connection.js';

/** An answer that no run may have. */
export class UnexpectedAnswer extends Error {
  constructor(
    readonly what: string,
    readonly example: string,
  ) {
    super(what);
  }
}

export function unexpected(request: string, { status, body }: Answer): UnexpectedAnswer {
  const code = /"code":"([a-z_]+)"/.exec(body)?.[1];
  return new UnexpectedAnswer(`${request}: ${status}${code === undefined ? '' : ` ${code}`}`, body);
}

/** What the pattern finds first in an answer that must have it. */
export function textIn(answer: Answer, pattern: RegExp): string {
  const found = pattern.exec(answer.body)?.[1];
  if (found === undefined) throw unexpected(`an answer without ${pattern.source}`, answer);
  return found;
}
