import { createServer, request, type Server } from 'node:http';

import type { Exchange } from './judge.js';

/** Stands between the tool and the program, passes everything on as it is, and tells what was answered. */
export class Proxy {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async open(target: string, heard: (exchange: Exchange) => void): Promise<Proxy> {
    const server = createServer((incoming, outgoing) => {
      const { method = 'GET', url: path = '/', headers } = incoming;
      const onward = request(new URL(target), { method, path, headers, setHost: false }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const body = Buffer.concat(chunks);
          const status = answer.statusCode ?? 0;
          heard({ method, path, status, type: answer.headers['content-type'] ?? '', text: body.toString('utf8') });
          outgoing.writeHead(status, answer.headers).end(body);
        });
      });
      onward.on('error', () => {
        heard({ method, path, status: 599, type: '', text: '' });
        outgoing.destroy();
      });
      incoming.pipe(onward);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    return new Proxy(server, `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
