import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came. */
export interface RawRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that says to each call what the test says it does, and remembers what it was asked. */
export abstract class FakeGateway<Received> {
  readonly received: Received[] = [];
  private readonly replies = new Map<string, (response: ServerResponse, received: Received) => void>();
  private readonly server: Server = createServer((request, response) => void this.serve(request, response));

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The calls that came, by name. */
  get calls(): string[] {
    return this.received.map((received) => this.callOf(received));
  }

  /** `call` is the name of a call, or `*` for every other one. */
  does(call: string, reply: (response: ServerResponse, received: Received) => void): this {
    this.replies.set(call, reply);
    return this;
  }

  forget(): void {
    this.replies.clear();
    this.received.length = 0;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  protected abstract read(request: RawRequest): Received;
  protected abstract callOf(received: Received): string;

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '/', headers } = request;
    const received = this.read({ method, url, headers, body: Buffer.concat(chunks).toString('utf8') });
    this.received.push(received);
    const reply = this.replies.get(this.callOf(received)) ?? this.replies.get('*');
    if (reply === undefined) response.writeHead(404).end();
    else reply(response, received);
  }
}
