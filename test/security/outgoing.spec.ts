import { generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { GatewayClient } from '../../src/payment/gateway/http-client.js';
import { PaymentSettings } from '../../src/payment/payment-settings.js';
import { expectProblem, stateOf } from '../api/support.js';
import { useWorld } from '../support/world.js';

const INNER = [
  'http://127.0.0.1/',
  'http://2130706433/',
  'http://[::1]:8080/',
  'http://localhost/x',
  'http://169.254.169.254/',
  'http://db:5432/',
];

describe('Where the program is told to call, or to send a payer', () => {
  const servers: Server[] = [];
  const clients: GatewayClient[] = [];
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.disconnect()));
    servers.splice(0).forEach((server) => server.close());
  });

  async function listen(answer: RequestListener): Promise<{ port: number; heard: string[] }> {
    const heard: string[] = [];
    const server = createServer((request, response) => {
      heard.push(request.url ?? '');
      answer(request, response);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: (server.address() as AddressInfo).port, heard };
  }

  function clientOf(origin: string, innerHosts: readonly string[]): GatewayClient {
    const client = new GatewayClient('a gateway', origin, { innerHosts });
    clients.push(client);
    return client;
  }

  const question = { method: 'GET', path: '/pay', headers: {} } as const;

  it('is not called where its name leads into our own network, unless it may', async () => {
    const { port, heard } = await listen((_, response) => response.end('inside'));

    const refused = await clientOf(`http://localhost:${port}`, []).send(question);

    expect(refused).toEqual({ kind: 'no_answer', cause: 'no answer from a gateway (EINNERADDRESS)' });
    expect(heard).toEqual([]);
    expect(await clientOf(`http://localhost:${port}`, ['localhost']).send(question)).toMatchObject({ kind: 'answer', status: 200 });
  });

  it.each([301, 302, 303, 307, 308])('is not followed to another place by a %s', async (status) => {
    const elsewhere = await listen((_, response) => response.end('secret'));
    const { port } = await listen((_, response) =>
      response.writeHead(status, { location: `http://127.0.0.1:${elsewhere.port}/latest/meta-data` }).end(),
    );

    expect(await clientOf(`http://127.0.0.1:${port}`, ['127.0.0.1']).send(question)).toMatchObject({ kind: 'answer', status });
    expect(elsewhere.heard).toEqual([]);
  });

  describe('in production', () => {
    const world = useWorld();
    const begins = () => void jest.replaceProperty(world.app.get(PaymentSettings), 'innerHosts', []);
    afterEach(() => jest.restoreAllMocks());

    it('is no address behind our walls for a payer to come back to', async () => {
      const order = await world.placeOrder({ sku: 'RETURN' });
      // So that the simulator's account is open.
      await world.startPayment(order);
      begins();
      const before = await stateOf(world);

      for (const returnUrl of INNER) {
        const answer = await world.api.post(`/v1/orders/${order.id}/payments`, { gateway: 'alipay', method: 'page', returnUrl });
        expectProblem(answer, 400, 'invalid_request');
        expect(answer.body.errors).toEqual([{ path: 'returnUrl', message: 'must be of the public Internet' }]);
      }

      expect(await stateOf(world)).toEqual(before);
      const good = { gateway: 'alipay', method: 'page', returnUrl: 'https://shop.example/thanks' };
      expect((await world.api.post(`/v1/orders/${order.id}/payments`, good)).status).toBe(201);
    });

    it('is no gateway without TLS, or behind our walls', async () => {
      const [privateKey, alipayPublicKey] = [pemPair().privateKey, pemPair().publicKey];
      const settings = { appId: '2021000122671080', sellerId: '2088102180000001', privateKey, alipayPublicKey };
      const add = (gatewayUrl: string) =>
        world.api.post('/v1/admin/gateway-accounts', { gateway: 'alipay', name: 'a', settings: { ...settings, gatewayUrl } });
      begins();
      const before = await stateOf(world);

      for (const gatewayUrl of [...INNER, ...INNER.map((url) => url.replace('http:', 'https:')), 'http://openapi.alipay.com/gateway.do']) {
        const answer = await add(gatewayUrl);
        expectProblem(answer, 400, 'invalid_request');
        expect(answer.body.errors).toMatchObject([
          { path: 'settings.gatewayUrl', message: expect.stringMatching(/in production/) as string },
        ]);
      }

      expect(await stateOf(world)).toEqual(before);
      expect((await add('https://openapi.alipay.com/gateway.do')).status).toBe(201);
    });
  });
});

const pemPair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
