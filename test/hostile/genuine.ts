import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Answer } from '../support/api-client.js';
import { speak } from '../api/support.js';
import type { AttemptBody, World } from '../support/world.js';

/** A callback as it goes over the wire: every header that the gateway sets, and the bytes. */
export interface Letter {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** Set by whoever carries the letter, and no part of it. */
const OF_THE_WAY = new Set(['host', 'connection', 'content-length', 'transfer-encoding']);

/** An address that keeps what a gateway sends, so that a test can send it again, as it was or not. */
export class Letterbox {
  private readonly letters: Letter[] = [];

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Letterbox> {
    const box = new Letterbox(createServer());
    box.server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = Object.entries(request.headers).flatMap(([name, value]) =>
          typeof value === 'string' && !OF_THE_WAY.has(name) ? [[name, value] as const] : [],
        );
        box.letters.push({ headers, body: Buffer.concat(chunks) });
        response.writeHead(500).end();
      });
    });
    await new Promise<void>((resolve) => box.server.listen(0, '127.0.0.1', resolve));
    return box;
  }

  /** What the gateway has to say of an attempt now, as it stands or as `how` has it said. */
  async letterAbout(world: World, attempt: AttemptBody, how: Record<string, unknown> = {}): Promise<Letter> {
    await world.payer.notifies(attempt, { ...how, to: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/` });
    const letter = this.letters.at(-1);
    if (!letter) throw new Error('the gateway has sent nothing');
    return letter;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export function post(world: World, gateway: string, { headers, body }: Letter, topic = 'payments'): Promise<Answer<unknown>> {
  return speak(world.api.url, { method: 'POST', path: `/v1/callbacks/${gateway}/${topic}`, headers, body });
}

/** Whether a gateway would take the answer for "got it" and never send it again. */
export function isAcknowledged(gateway: string, { status, body }: Answer<unknown>): boolean {
  return status === 200 && (gateway !== 'alipay' || body === 'success');
}

export function headerOf({ headers }: Letter, name: string): string {
  return headers.find(([one]) => one === name)?.[1] ?? '';
}

export function withHeader(letter: Letter, name: string, value: string | undefined): Letter {
  const others = letter.headers.filter(([one]) => one !== name);
  return { ...letter, headers: value === undefined ? others : [...others, [name, value]] };
}
