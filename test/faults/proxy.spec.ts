import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { Proxy } from '../../faults/proxy/proxy.js';

describe('The proxy', () => {
  let server: Server;
  let proxy: Proxy;
  const calls: Socket[] = [];
  const served: Socket[] = [];

  beforeEach(async () => {
    // It says everything back that it hears.
    server = createServer((socket) => {
      served.push(socket);
      socket.on('error', () => undefined).pipe(socket);
    });
    await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
    proxy = await Proxy.start(() => (server.address() as AddressInfo).port);
  });
  afterEach(async () => {
    for (const socket of [...calls.splice(0), ...served.splice(0)]) socket.destroy();
    await proxy.stop();
    await new Promise((closed) => server.close(closed));
  });

  async function call(): Promise<Socket> {
    const socket = connect(proxy.port, '127.0.0.1');
    calls.push(socket.on('error', () => undefined));
    await once(socket, 'connect');
    return socket;
  }

  const closed = (socket: Socket | undefined) => new Promise((done) => socket?.once('close', done));

  /** What comes back until there are so many bytes of it. */
  function heard(socket: Socket, length: number): Promise<string> {
    return new Promise((done) => {
      let text = '';
      socket.on('data', (piece: Buffer) => {
        text += piece.toString();
        if (text.length >= length) done(text);
      });
    });
  }

  it('passes on what is said, both ways', async () => {
    const socket = await call();
    const back = heard(socket, 5);
    socket.write('hello');
    expect(await back).toBe('hello');
  });

  it('keeps the order, where some of it is late and the rest is not', async () => {
    const socket = await call();
    const back = heard(socket, 9);
    const passed = new Promise<void>((done) =>
      proxy.watched((piece, direction) => {
        if (direction === 'up' && piece.includes('first')) done();
        return 'pass';
      }),
    );
    proxy.slow({ delay: 20, atATime: 1 });
    socket.write('first');
    await passed;
    proxy.slow({ delay: 0, atATime: undefined });
    socket.write('last');
    expect(await back).toBe('firstlast');
  });

  it('lets nothing pass while it is frozen, and loses nothing of it', async () => {
    const socket = await call();
    const back = heard(socket, 5);
    const seen: string[] = [];
    proxy.watched((piece, direction) => {
      seen.push(`${direction} ${piece.toString()}`);
      return 'pass';
    });
    proxy.freeze();
    socket.write('hello');
    // Another one comes and goes, so that there was time for it.
    const other = await call();
    other.destroy();
    expect(seen).toEqual([]);
    proxy.mend();
    expect(await back).toBe('hello');
  });

  it('swallows what its watch does not let pass, and says whose it was', async () => {
    const socket = await call();
    const back = heard(socket, 3);
    const swallowed = new Promise<unknown>((done) =>
      proxy.watched((piece, direction, link) => {
        if (!piece.includes('secret')) return 'pass';
        done([direction, link.callerPort]);
        return 'swallow';
      }),
    );
    socket.write('a secret');
    expect(await swallowed).toEqual(['up', socket.localPort]);
    proxy.watched(undefined);
    socket.write('yes');
    expect(await back).toBe('yes');
  });

  it('cuts both ends at once', async () => {
    const socket = await call();
    const [back] = [heard(socket, 2), socket.write('hi')];
    await back;
    const ended = Promise.all([closed(socket), closed(served[0])]);
    expect(proxy.cut()).toBe(1);
    await ended;
  });

  it('severs the far end, and the near one hears of it when it is mended', async () => {
    const socket = await call();
    const [back] = [heard(socket, 2), socket.write('hi')];
    await back;
    const farEnded = closed(served[0]);
    proxy.sever();
    await farEnded;
    expect(socket.destroyed).toBe(false);
    const nearEnded = closed(socket);
    proxy.mend();
    await nearEnded;
  });
});
