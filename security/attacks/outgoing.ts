import type { Attack, Family } from '../attack.js';
import { must, refused, same } from '../findings.js';
import { Letterbox } from '../world/letterbox.js';
import type { Scene } from '../world/scene.js';

const begin = (scene: Scene, id: string, more: object) =>
  scene.shop.post(`/v1/orders/${id}/payments`, { gateway: 'alipay', method: 'page', ...more });

const returnAddress: Attack = {
  name: 'a return address that the program itself would call',
  after: 'Capital One (2019, SSRF to the metadata service), CWE-918',
  run: async (scene) => {
    const box = await Letterbox.open({ status: 200 });
    try {
      const order = await scene.order();
      const begun = await begin(scene, order.id, { returnUrl: `${box.url}latest/meta-data` });
      same(begun.status < 500, true, 'a payment is begun, or refused');
      if (begun.status === 201) await scene.gateways.pays(begun.body as never);
      same(box.received.length, 0, 'calls to the return address');
    } finally {
      box.close();
    }
  },
};

const schemes: Attack = {
  name: 'return addresses that are no web addresses',
  after: 'CWE-601 (open redirect), CWE-79, CWE-918',
  run: async (scene) => {
    const order = await scene.order();
    const addresses = [
      'javascript:alert(1)',
      'file:///etc/passwd',
      'gopher://127.0.0.1:6379/_',
      'data:text/html,x',
      '//evil.example',
      'https://user:secret@evil.example/',
      'https://a"><script>',
      'http://evil.example\r\nset-cookie: x=1',
      'https:\\\\evil.example',
      'ftp://evil.example',
      ' https://evil.example',
      `https://evil.example/${'a'.repeat(300)}`,
    ];
    for (const returnUrl of addresses) {
      refused(await scene.leavesNoTrace(returnUrl, () => begin(scene, order.id, { returnUrl })), `the return address ${returnUrl}`);
    }
    same((await begin(scene, order.id, { returnUrl: 'https://shop.example/thanks' })).status, 201, 'an honest one');
  },
};

const accounts: Attack = {
  name: 'a gateway account whose address is the attacker’s, opened by a merchant',
  after: 'CWE-918, CWE-862 (missing authorization)',
  run: async (scene) => {
    const box = await Letterbox.open();
    try {
      const settings = {
        gatewayUrl: box.url,
        appId: '2021000000000001',
        sellerId: '2088000000000001',
        privateKey: 'x',
        alipayPublicKey: 'x',
      };
      const keeper = await scene.keyWith(['keys:write', 'payments:write', 'orders:write']);
      for (const client of [scene.rival, keeper]) {
        const answer = await scene.leavesNoTrace('an account', () =>
          client.post('/v1/admin/gateway-accounts', { gateway: 'alipay', name: 'mine', settings }),
        );
        same(answer.status, 403, 'an account of a merchant who may not run the system');
      }
      for (const gatewayUrl of ['file:///etc/passwd', 'gopher://127.0.0.1/', 'http://user:pw@127.0.0.1/', 'not an address']) {
        const body = { gateway: 'alipay', name: 'odd', settings: { ...settings, gatewayUrl } };
        refused(
          await scene.leavesNoTrace(gatewayUrl, () => scene.shop.post('/v1/admin/gateway-accounts', body)),
          `the gateway ${gatewayUrl}`,
        );
      }
      same(box.received.length, 0, 'calls to the attacker');
    } finally {
      box.close();
    }
  },
};

const serials: Attack = {
  name: 'notices that would make the program fetch a key each time',
  after: 'CWE-406 (amplification), CWE-918',
  run: async (scene) => {
    const calls = async () =>
      ((await (await fetch(`${scene.program.simulatorUrl}/log`)).json()) as { requests: { method: string }[] }).requests.filter(
        ({ method }) => method === 'certificates',
      ).length;
    const before = await calls();
    for (let at = 0; at < 60; at += 1) {
      const serial = `${(0xabcdef0000 + at).toString(16)}`.toUpperCase().padStart(40, 'A');
      const headers = {
        'wechatpay-serial': serial,
        'wechatpay-timestamp': String(Math.floor(Date.now() / 1_000)),
        'wechatpay-nonce': 'n',
        'wechatpay-signature': 'c2lnbmF0dXJl',
      };
      await scene.post('wechatpay', { headers, body: Buffer.from('{}') });
    }
    const made = (await calls()) - before;
    must(made <= 4, `60 notices caused ${made} calls`);
  },
};

const flood: Attack = {
  name: 'five hundred notices that nobody signed, while somebody pays',
  after: 'CWE-770, CWE-400; OWASP API4:2023',
  run: async (scene) => {
    const order = await scene.openOrder();
    const before = await scene.books.fingerprint();
    const send = (at: number) =>
      scene.post('alipay', {
        headers: { 'content-type': 'text/plain' },
        body: Buffer.from(`out_trade_no=${order.attempt.outTradeNo}&trade_status=TRADE_SUCCESS&total_amount=150.00&sign=${at}`),
      });
    const sending = Promise.all(Array.from({ length: 500 }, (_, at) => send(at)));
    const answers = await sending;
    must(
      answers.every(({ status, text }) => status < 600 && text !== 'success'),
      'one of them was acknowledged',
    );
    same(await scene.books.fingerprint(), before, 'what they changed');
    await scene.gateways.pays(order.attempt);
    await scene.expectPaid(order);
  },
};

export const OUTGOING: Family = { name: 'Addresses that we are given', attacks: [returnAddress, schemes, accounts, serials, flood] };
