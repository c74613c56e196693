import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

import { useWorld } from '../support/world.js';

const LIMITS = { headers: 150, request: 300, silence: 600, lookEvery: 20 };

describe('A client that takes its time', () => {
  const world = useWorld([], { http: { timeLimits: LIMITS } });
  const sockets: Socket[] = [];
  afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));

  function open(head: string): Socket {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(world.api.url).port) });
    sockets.push(socket);
    socket.write(head);
    return socket;
  }

  const isTimeout = (answer: string) => {
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('content-type: application/problem+json');
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as object).toMatchObject({ status: 408, code: 'request_timeout' });
  };

  it('over its headers is told so, and hung up on', async () => {
    isTimeout(await text(open('GET /v1/products HTTP/1.1\r\nhost: a\r\nx-slow: ')));
  });

  it('over its headers cannot buy time with a byte now and then', async () => {
    const socket = open('GET /v1/products HTTP/1.1\r\nhost: a\r\n');
    const drip = setInterval(() => socket.write('x-a: b\r\n'), LIMITS.headers / 5);
    try {
      isTimeout(await text(socket));
    } finally {
      clearInterval(drip);
    }
  });

  it.each(['/v1/orders', '/v1/callbacks/alipay/payments'])('over its body is told so, and hung up on: %s', async (path) => {
    const key = `authorization: Bearer ${world.api.apiKey}`;
    isTimeout(
      await text(open(`POST ${path} HTTP/1.1\r\nhost: a\r\n${key}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`)),
    );
  });

  it('and says nothing at all is hung up on', async () => {
    expect(await text(open(''))).toMatch(/^(?:HTTP\/1\.1 408 [^]*)?$/);
  });

  it('holds up nobody else', async () => {
    for (let others = 0; others < 50; others += 1) open('POST /v1/orders HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n');
    expect((await world.api.get('/v1/products')).status).toBe(200);
  });
});
