import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';

/** A client gives up on an answer after this, and asks anew. In milliseconds. */
const PATIENCE = 8_000;
/** Who was answered nothing for so long gives up altogether. */
const LONGEST = 90_000;

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> & { readonly code?: string };
}

/** What the answers of one run were. */
export interface Weather {
  /** Requests that had to be sent again, by why. */
  readonly again: Map<string, number>;
  /** Answers that say that the program is at fault, by what they say, with one of them. */
  readonly defects: Map<string, { times: number; readonly example: string }>;
  givenUp: number;
}

export const fairWeather = (): Weather => ({ again: new Map(), defects: new Map(), givenUp: 0 });

/**
 * A sane client: it sends a command with an Idempotency-Key, and the same command again, by turns at another replica, until it has
 * an answer that settles it.
 */
export class Client {
  private readonly agent = new Agent({
    connections: 64,
    pipelining: 1,
    connect: { timeout: 2_000 },
    headersTimeout: PATIENCE,
    bodyTimeout: PATIENCE,
  });
  private turn = 0;
  private stopped = false;

  constructor(
    private readonly replicas: readonly string[],
    private readonly apiKey: string,
    readonly weather: Weather,
  ) {}

  /** Undefined: it was never answered, and may or may not have been done. */
  async command(path: string, body: object, key: string): Promise<Answer | undefined> {
    const until = performance.now() + LONGEST;
    let wait = 25;
    this.turn += 1;
    for (let tries = this.turn; performance.now() < until && !this.stopped; tries += 1) {
      const answer = await this.once('POST', path, tries, body, key).catch((error: unknown) => problemOf(error));
      if (typeof answer !== 'string' && isSettled(answer)) return answer;
      const why = typeof answer === 'string' ? answer : `${answer.status} ${answer.body.code ?? ''}`;
      this.weather.again.set(why, (this.weather.again.get(why) ?? 0) + 1);
      if (typeof answer !== 'string' && answer.status === 500)
        this.defect(`POST ${path.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '{id}')}`, answer);
      await pause(wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, 800);
    }
    // Who was sent home says nothing more: the run is over.
    if (this.stopped) return new Promise(() => undefined);
    this.weather.givenUp += 1;
    return undefined;
  }

  /** Reads; undefined where there is no answer just now. */
  async read(path: string): Promise<Answer | undefined> {
    this.turn += 1;
    const answer = await this.once('GET', path, this.turn).catch(() => undefined);
    return answer?.status === 200 ? answer : undefined;
  }

  /** Nobody tries again from now on. */
  stop(): void {
    this.stopped = true;
  }

  private async once(method: 'GET' | 'POST', path: string, turn: number, body?: object, key?: string): Promise<Answer> {
    const origin = this.replicas[turn % this.replicas.length] ?? '';
    const answer = await request(origin + path, {
      method,
      dispatcher: this.agent,
      headers: {
        authorization: `Bearer ${this.apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, body: JSON.parse(text) as Answer['body'] };
  }

  private defect(what: string, answer: Answer): void {
    const seen = this.weather.defects.get(what);
    if (seen) seen.times += 1;
    else this.weather.defects.set(what, { times: 1, example: JSON.stringify(answer.body) });
  }
}

/** Whether it says what became of the command. */
function isSettled({ status, body }: Answer): boolean {
  if (status >= 500 || status === 429 || status === 408) return false;
  return body.code !== 'idempotency_in_progress';
}

function problemOf(error: unknown): string {
  const { code, name } = error as { code?: string | number; name?: string };
  // The number that a DOMException has says less than its name.
  return typeof code === 'string' ? code : (name ?? 'no answer');
}
