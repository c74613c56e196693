import type { Target } from './job.js';

/** Writes requests as bytes on the wire. What stays the same is put together once. */
export class Requests {
  private readonly host: string;
  private readonly authorization: string;

  constructor({ url, apiKey }: Target) {
    this.host = new URL(url).host;
    this.authorization = `authorization: Bearer ${apiKey}\r\n`;
  }

  /** A `POST` of JSON in ASCII, with the API key and an `Idempotency-Key`. */
  postJson(path: string): (key: string, body: string) => string {
    const head = `POST ${path} HTTP/1.1\r\nhost: ${this.host}\r\n${this.authorization}content-type: application/json\r\nidempotency-key: `;
    return (key, body) => `${head}${key}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  }

  get(path: string): string {
    return `GET ${path} HTTP/1.1\r\nhost: ${this.host}\r\n${this.authorization}\r\n`;
  }
}
