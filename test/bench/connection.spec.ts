import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { Connection } from '../../bench/driver/connection.js';

const REQUEST = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

describe('A connection of the driver', () => {
  let server: Server;
  let connection: Connection;
  beforeEach(async () => {
    server = createServer((_request, response) => response.setHeader('content-length', 2).end('ok')).listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    connection = await Connection.open(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
  afterEach(() => {
    connection.close();
    server.close();
  });

  it('is told one answer for each request', async () => {
    expect(await connection.send(REQUEST)).toEqual({ status: 200, body: 'ok' });
    expect(await connection.send(REQUEST)).toEqual({ status: 200, body: 'ok' });
  });

  it('that was closed says so to whoever sends, and keeps nobody waiting', async () => {
    await connection.send(REQUEST);
    server.closeAllConnections();
    await expect(
      (async () => {
        for (;;) await connection.send(REQUEST).finally(() => pause(10));
      })(),
    ).rejects.toThrow(/closed|ECONNRESET|EPIPE/);
    await expect(connection.send(REQUEST)).rejects.toThrow('the connection was closed before');
  });
});
