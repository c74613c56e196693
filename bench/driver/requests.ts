import type { Target } from './job.js';

/** Writes requests as bytes on the wire. What stays the same is put together once. */
export class Requests {
  private readonly host: string;
  private readonly authorization: string;

  constructor({ url, apiKey }: Target) {
    this.host = `host: ${new URL(url).host}\r\n`;
    this.authorization = `authorization: Bearer ${apiKey}\r\n`;
  }

  /** A `POST` of JSON in ASCII, with the API key and an `Idempotency-Key`. */
  json(path: string, key: string, body: string): string {
    const head = `POST ${path} HTTP/1.1\r\n${this.host}${this.authorization}content-type: application/json\r\n`;
    return `${head}idempotency-key: ${key}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  }

  /** A notice as Alipay posts it. */
  notice(body: string): string {
    const type = 'content-type: application/x-www-form-urlencoded; charset=utf-8\r\n';
    return `POST /v1/callbacks/alipay/payments HTTP/1.1\r\n${this.host}${type}content-length: ${body.length}\r\n\r\n${body}`;
  }

  get(path: string): string {
    return `GET ${path} HTTP/1.1\r\n${this.host}${this.authorization}\r\n`;
  }
}
