import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

import { CoalescingSocket } from '../../src/platform/database/coalescing-socket.js';

/** Counts what is handed to the system. */
class CountedSocket extends CoalescingSocket {
  handed = 0;

  override _writev(...given: Parameters<NonNullable<CoalescingSocket['_writev']>>): void {
    this.handed += 1;
    super._writev?.(...given);
  }

  override _write(...given: Parameters<CoalescingSocket['_write']>): void {
    this.handed += 1;
    super._write(...given);
  }
}

describe('The socket to the database', () => {
  it('sends what is written in one turn at once, in order, however the driver corks it', async () => {
    const received: Buffer[] = [];
    const server = createServer((peer) => peer.on('data', (chunk: Buffer) => received.push(chunk)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = new CountedSocket();
    socket.connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    socket.resume();
    for (const statement of ['one', 'two', 'three']) {
      socket.cork();
      socket.write(Buffer.from(`${statement} `));
      socket.write(Buffer.from('; '));
      socket.uncork();
    }
    socket.end('end');
    await once(socket, 'close');
    server.close();
    await once(server, 'close');
    expect(Buffer.concat(received).toString()).toBe('one ; two ; three ; end');
    expect(socket.handed).toBeLessThanOrEqual(2);
  });
});
