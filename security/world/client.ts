import { speak, type Answer } from './http.js';

export interface Sending {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Somebody with an API key, or with none. Counts what the program should never answer. */
export class Client {
  /** Answers of 500 and more that were no plea to come again. */
  static readonly failures: string[] = [];

  constructor(
    readonly url: string,
    readonly apiKey: string | undefined,
  ) {}

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.send('GET', path, undefined, { headers });
  }

  post(path: string, body: unknown, sending: Sending = {}): Promise<Answer> {
    return this.send('POST', path, body, sending);
  }

  /** A text or bytes go as they are, anything else as JSON. */
  async send(method: string, path: string, body?: unknown, { key, headers = {} }: Sending = {}): Promise<Answer> {
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
    const answer = await speak(this.url, {
      method,
      path,
      headers: {
        ...(this.apiKey === undefined ? {} : { authorization: `Bearer ${this.apiKey}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
    });
    if (answer.status >= 500 && answer.status !== 503)
      Client.failures.push(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 200)}`);
    return answer;
  }
}
