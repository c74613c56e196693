import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import type { Attack, Family } from '../attack.js';
import { must, refused, same } from '../findings.js';
import { exchange, receive, speak } from '../world/http.js';
import type { Scene } from '../world/scene.js';

const SLOW_CLIENTS = 300;
const QUICK_ENOUGH = 2_000;

/** While connections are held in some way, somebody honest is answered as ever. */
async function others(scene: Scene, what: string, hold: (socket: Socket) => void, enough = QUICK_ENOUGH): Promise<void> {
  const { hostname, port } = new URL(scene.program.url);
  const sockets = Array.from({ length: SLOW_CLIENTS }, () => connect({ host: hostname, port: Number(port) }).on('error', () => undefined));
  try {
    for (const socket of sockets) hold(socket);
    await pause(300);
    const began = performance.now();
    await scene.order();
    const took = performance.now() - began;
    must(took < enough, `beside ${SLOW_CLIENTS} ${what}, an order took ${Math.round(took)} ms`);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

const slowHeaders: Attack = {
  name: `${SLOW_CLIENTS} clients that never end their headers`,
  after: 'CVE-2018-12122 (Slowloris in Node.js), CWE-400',
  run: (scene) => others(scene, 'slow clients', (socket) => socket.write('POST /v1/orders HTTP/1.1\r\nHost: x\r\nX-Slow: ')),
};

const slowBodies: Attack = {
  name: `${SLOW_CLIENTS} clients that never send the body they announced`,
  after: 'CWE-400, CWE-770 (R-U-Dead-Yet)',
  run: (scene) =>
    others(scene, 'slow bodies', (socket) =>
      socket.write(
        `POST /v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${scene.program.apiKey}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"c`,
      ),
    ),
};

const slowReaders: Attack = {
  name: 'clients that ask again and again and never read',
  after: 'CVE-2013-4450 (Node.js, pipelined flood), CWE-400',
  run: (scene) => {
    const request = `GET /v1/products?limit=100 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${scene.program.apiKey}\r\n\r\n`;
    let held = 0;
    return others(
      scene,
      'clients that never read',
      (socket) => {
        held += 1;
        socket.pause();
        if (held <= 20) socket.write(request.repeat(10));
        // Two hundred lists are work, whoever asks for them.
      },
      10_000,
    );
  },
};

const oversize: Attack = {
  name: 'bodies that are larger than anything, announced or not',
  after: 'CWE-770, OWASP API4:2023',
  run: async (scene) => {
    const large = Buffer.alloc(5 * 1024 * 1024, 0x20);
    for (const path of ['/v1/orders', '/v1/callbacks/alipay/payments', '/v1/callbacks/wechatpay/payments']) {
      const answer = await scene.leavesNoTrace(path, () => scene.shop.send('POST', path, large));
      must([413, 400, 0].includes(answer.status), `5 MiB at ${path}: ${answer.status}`);
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
      const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${scene.program.apiKey}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
      const chunked = await exchange(scene.program.url, Buffer.from(`${head}${chunk.repeat(80)}0\r\n\r\n`));
      must([413, 400, 0].includes(chunked.status), `5 MiB in chunks at ${path}: ${chunked.status}`);
    }
    await scene.order();
  },
};

const headersTooLarge: Attack = {
  name: 'headers without end, and ten thousand of them',
  after: 'CVE-2018-12121 (Node.js, large headers), CWE-400',
  run: async (scene) => {
    const many = Array.from({ length: 10_000 }, (_, at) => [`x-${at}`, '1'] as const);
    for (const headers of [[['x-large', 'a'.repeat(100_000)] as const], many]) {
      const { status } = await speak(scene.program.url, {
        path: '/v1/orders',
        headers: [['authorization', `Bearer ${scene.program.apiKey}`], ...headers],
      });
      must([431, 400].includes(status), `answered with ${status}`);
    }
    const long = await scene.shop.get(`/v1/orders?customerId=${'a'.repeat(15_000)}`);
    refused(long, 'a long address');
    await scene.order();
  },
};

const bomb: Attack = {
  name: 'a compressed body that becomes a thousand times as large',
  after: 'CWE-409 (decompression bomb)',
  run: async (scene) => {
    const zipped = gzipSync(Buffer.alloc(50 * 1024 * 1024, 0x20));
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd']) {
      const answer = await scene.leavesNoTrace(encoding, () =>
        scene.shop.send('POST', '/v1/orders', zipped, { headers: { 'content-encoding': encoding } }),
      );
      refused(answer, `a body in ${encoding}`);
      must(answer.took < QUICK_ENOUGH, `it took ${Math.round(answer.took)} ms`);
    }
  },
};

/** Two readers of these would part them in different places. What hides in the second half must not be done. */
const SMUGGLED: readonly (readonly [name: string, headers: string])[] = [
  ['both lengths', 'Content-Length: LEN\r\nTransfer-Encoding: chunked'],
  ['two lengths', 'Content-Length: 0\r\nContent-Length: LEN'],
  ['a length and a list of it', 'Content-Length: 0, LEN'],
  ['an encoding that is not quite chunked', 'Transfer-Encoding: xchunked\r\nContent-Length: LEN'],
  ['chunked before another encoding', 'Transfer-Encoding: chunked, identity\r\nContent-Length: LEN'],
  ['an encoding over two lines', 'Transfer-Encoding: chunked\r\n , identity\r\nContent-Length: LEN'],
  ['a space before the colon', 'Transfer-Encoding : chunked\r\nContent-Length: LEN'],
  ['a line feed alone', 'X: y\nTransfer-Encoding: chunked\r\nContent-Length: LEN'],
  ['a carriage return alone', 'X: y\rTransfer-Encoding: chunked\r\nContent-Length: LEN'],
  ['a vertical tab', 'Transfer-Encoding:\u000bchunked\r\nContent-Length: LEN'],
  ['a length with a sign', 'Content-Length: +LEN'],
  ['a length in hexadecimal', 'Content-Length: 0xff'],
];

const smuggling: Attack = {
  name: 'a request inside of a request',
  after: 'CVE-2022-32213, CVE-2022-32214, CVE-2022-32215, CVE-2021-22959 (Node.js), CWE-444',
  run: async (scene) => {
    const { apiKey, url } = scene.program;
    for (const [name, lengths] of SMUGGLED) {
      const sku = scene.newName('SMUGGLED');
      const body = JSON.stringify({ sku, name: 'smuggled', price: 1, stock: 1 });
      const inner = `POST /v1/products HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${apiKey}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      const carried = `0\r\n\r\n${inner}`;
      const outer = `POST /v1/callbacks/alipay/payments HTTP/1.1\r\nHost: x\r\n${lengths.replaceAll('LEN', String(carried.length))}\r\n\r\n${carried}`;
      const answers = (await receive(url, Buffer.from(outer, 'latin1'), 1_500)).toString('latin1');
      // A server that reads one request, refuses and hangs up has parted nothing.
      must(!answers.includes('201 Created'), `${name}: what was hidden was done`);
      same(await scene.books.count('FROM products WHERE sku = $1', [sku]), 0, `${name}: what was hidden is there`);
    }
    const honest = `GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    const two = (await receive(url, Buffer.from(honest))).toString();
    same(two.split('200 OK').length - 1, 2, 'two honest requests on one connection');
  },
};

const garbage: Attack = {
  name: 'bytes that are no HTTP, and HTTP of other versions',
  after: 'CWE-20, CWE-248 (uncaught exception)',
  run: async (scene) => {
    const lines = [
      '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'GET  / HTTP/1.1\r\n\r\n',
      '\r\n\r\n\r\n',
      'GET /v1/orders HTTP/1.1\r\n\r\n',
      'GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      'CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET /v1/orders HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n',
    ];
    for (const line of lines) {
      const answer = (await receive(scene.program.url, Buffer.from(line, 'latin1'), 700).catch(() => Buffer.alloc(0))).toString('latin1');
      must(!/^HTTP\/1\.1 (?:2|5)/.test(answer), `${JSON.stringify(line)} was answered with ${answer.slice(0, 100)}`);
    }
    scene.program.assertAlive();
    await scene.order();
  },
};

const parameters: Attack = {
  name: 'ten thousand parameters, one a thousand times, and lists in their place',
  after: 'CWE-235, CWE-407 (algorithmic complexity)',
  run: async (scene) => {
    const queries = [
      Array.from({ length: 1_000 }, (_, at) => `p${at}=1`).join('&'),
      'limit=1&'.repeat(900),
      'limit[]=1&limit[a]=2',
      'limit=1&limit=100',
      'cursor[$gt]=',
      'customerId[]=a',
      '__proto__[limit]=1',
      'constructor[prototype][limit]=1',
    ];
    for (const query of queries) {
      const answer = await scene.shop.get(`/v1/orders?${query}`);
      refused(answer, query.slice(0, 60));
      must(answer.took < QUICK_ENOUGH, `${query.slice(0, 60)} took ${Math.round(answer.took)} ms`);
    }
    same((await scene.shop.get('/v1/orders?limit=1')).status, 200, 'an honest one');
  },
};

export const TRANSPORT: Family = {
  name: 'Slow, large and ambiguous requests',
  attacks: [slowHeaders, slowBodies, slowReaders, oversize, headersTooLarge, bomb, smuggling, garbage, parameters],
};
