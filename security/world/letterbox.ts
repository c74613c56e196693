import { createServer, type Server } from 'node:http';

/** A callback as it goes over the wire. */
export interface Letter {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Set by whoever carries the letter, and no part of it. */
const OF_THE_WAY = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'accept', 'accept-language', 'user-agent']);

/** An address of the attacker's, who keeps what comes and answers as asked. */
export class Letterbox {
  private readonly letters: Letter[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async open(answer: { readonly status: number; readonly location?: string } = { status: 500 }): Promise<Letterbox> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const box = new Letterbox(server, `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = Object.entries(request.headers).flatMap(([name, value]) =>
          typeof value === 'string' && !OF_THE_WAY.has(name) ? [[name, value] as const] : [],
        );
        box.letters.push({ headers: Object.fromEntries(headers), body: Buffer.concat(chunks) });
        response.writeHead(answer.status, answer.location === undefined ? {} : { location: answer.location }).end();
      });
    });
    return box;
  }

  get received(): readonly Letter[] {
    return this.letters;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
