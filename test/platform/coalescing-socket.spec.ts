import { once } from 'node:events';
import { Socket, createServer, type AddressInfo } from 'node:net';

import { CoalescingSocket } from '../../src/platform/database/coalescing-socket.js';

describe('The socket to the database', () => {
  it('sends what is written in one turn at once, and in order', async () => {
    const received: Buffer[] = [];
    const server = createServer((peer) => peer.on('data', (chunk: Buffer) => received.push(chunk)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const written = jest.spyOn(Socket.prototype, 'write');
    const socket = new CoalescingSocket();
    socket.connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    socket.resume();
    for (const statement of ['one', 'two', 'three']) {
      socket.cork();
      socket.write(Buffer.from(`${statement} `));
      socket.write(Buffer.from('; '));
      socket.uncork();
      await Promise.resolve();
    }
    await new Promise((turn) => setImmediate(turn));
    expect(written.mock.calls.map(([chunk]) => String(chunk))).toEqual(['one ; two ; three ; ']);
    written.mockRestore();
    socket.end('end');
    await once(socket, 'close');
    server.close();
    await once(server, 'close');
    expect(Buffer.concat(received).toString()).toBe('one ; two ; three ; end');
  });
});
