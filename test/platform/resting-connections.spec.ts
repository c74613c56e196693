import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { RestingConnections } from '../../src/platform/http/resting-connections.js';

describe('A connection whose request was turned away', () => {
  it('is read again at once, where there are few', () => {
    let now = 0;
    const resting = new RestingConnections(1_000, () => now);
    const turns = Array.from({ length: 100 }, () => {
      now += 4;
      return resting.turn();
    });
    expect(new Set(turns)).toEqual(new Set([0]));
  });

  it('waits for its turn where there are many, and never longer than it was told to', () => {
    const resting = new RestingConnections(1_000, () => 0);
    const turns = Array.from({ length: 1_000 }, () => resting.turn());
    expect(turns.slice(0, 4)).toEqual([0, 4, 8, 12]);
    expect(turns.slice(-2)).toEqual([1_000, 1_000]);
  });

  it('is read at once again when they have become few', () => {
    let now = 0;
    const resting = new RestingConnections(1_000, () => now);
    for (let n = 0; n < 5_000; n += 1) resting.turn();
    now += 1_010;
    expect(resting.turn()).toBe(0);
  });

  describe('while it rests', () => {
    let server: Server;
    let client: Socket;
    let socket: Socket;

    beforeEach(async () => {
      const accepted = new Promise<Socket>((resolve) => (server = createServer(resolve)));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      client = connect((server.address() as AddressInfo).port, '127.0.0.1');
      socket = await accepted;
    });
    afterEach(() => {
      client.destroy();
      socket.destroy();
      server.close();
    });

    it('is not read, and then it is', async () => {
      const resting = new RestingConnections(100, () => 0);
      for (let n = 0; n < 100; n += 1) resting.turn();
      let heard = '';
      const read = new Promise<void>((resolve) => socket.on('data', (chunk) => ((heard += chunk.toString()), resolve())));
      resting.rest(socket);
      expect(socket.isPaused()).toBe(true);
      // Node does so to read away a body that nobody wants.
      socket.resume();
      await new Promise((resolve) => setImmediate(resolve));
      expect(socket.isPaused()).toBe(true);
      client.write('again');
      await read;
      expect([heard, socket.isPaused()]).toEqual(['again', false]);
    });
  });
});
