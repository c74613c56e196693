import { AlipaySdk } from 'alipay-sdk';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { MINUTE } from '../../../src/kernel/clock.js';
import {
  certifiedGatewayAt,
  authorities,
  ALIPAY_NAME,
  downloadNode,
  issue,
  MovableClock,
  type Authorities,
  type Issued,
} from './certificates.js';
import {
  answerBody,
  APP_ID,
  attempt,
  callback,
  FakeAlipay,
  nodeName,
  NOW,
  OUT_TRADE_NO,
  refund,
  rsa2,
  signedNotice,
  TRADE_NO,
} from './support.js';
import type { Node } from './support.js';

const DOWNLOAD = 'alipay.open.app.alipaycert.download';
const paid: Node = {
  code: '10000',
  msg: 'Success',
  out_trade_no: OUT_TRADE_NO,
  trade_no: TRADE_NO,
  trade_status: 'TRADE_SUCCESS',
  total_amount: '88.88',
};

let all: Authorities;
let fake: FakeAlipay;
beforeAll(async () => {
  [all, fake] = await Promise.all([authorities(), FakeAlipay.start()]);
});
beforeEach(() => fake.forget());
afterAll(() => fake.stop());

/** An answer as Alipay writes it in certificate mode: the number stands between the node and the signature. */
function certified(method: string, node: Node, by: Issued, number = by.number): string {
  return answerBody(nodeName(method), node, by.privateKey).replace(/,"sign":"[^"]+"\}$/, (sign) => `,"alipay_cert_sn":"${number}"${sign}`);
}

function answersBy(by: Issued, number?: string): void {
  fake.does('alipay.trade.query', (response, { method }) => response.end(certified(method, paid, by, number)));
}

/** The one answer of Alipay's that succeeds without a signature. */
function hands(...certificates: readonly Issued[]): void {
  fake.does(DOWNLOAD, (response) => response.end(answerBody(nodeName(DOWNLOAD), downloadNode(...certificates), null)));
}

const noticeBy = (by: Issued, changes: Record<string, string | undefined> = {}) =>
  callback(signedNotice({ alipay_cert_sn: by.number, ...changes }, by.privateKey));
const downloads = () => fake.received.filter(({ method }) => method === DOWNLOAD);

describe('In certificate mode a request', () => {
  it('says by which certificates the two sides know each other, whoever sends it', async () => {
    const gateway = certifiedGatewayAt(fake.url, all);
    fake.does('*', (response) => response.end('{}'));
    await Promise.all([
      gateway.pay({ ...attempt, method: 'qr' }),
      gateway.query(attempt),
      gateway.close(attempt),
      gateway.refund(refund),
      gateway.queryRefund(refund),
    ]);
    const handed = await Promise.all(['page', 'wap', 'app'].map((method) => gateway.pay({ ...attempt, method })));
    await gateway.disconnect();

    const sent = [
      ...fake.received.map(({ query }) => query),
      ...handed.map((outcome) => {
        if (outcome.kind !== 'action') throw new Error('nothing is handed over');
        const { action } = outcome;
        return action.type === 'redirect'
          ? new URL(action.url).searchParams
          : new URLSearchParams(action.type === 'sdk' ? action.params['orderString'] : '');
      }),
    ];
    expect(sent).toHaveLength(8);
    for (const parameters of sent) {
      expect(parameters.get('app_cert_sn')).toBe(all.app.number);
      expect(parameters.get('alipay_root_cert_sn')).toBe(all.root.number);
    }
  });

  it('has the numbers that alipay-sdk has', () => {
    const theirs = new AlipaySdk({
      appId: APP_ID,
      privateKey: all.app.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim(),
      keyType: 'PKCS8',
      appCertContent: all.app.pem,
      alipayPublicCertContent: all.alipay.pem,
      alipayRootCertContent: `${all.elliptic.pem}\n${all.root.pem}`,
    });
    const parameters = new URLSearchParams(theirs.sdkExecute('alipay.trade.app.pay', { bizContent: {} }));
    expect([parameters.get('app_cert_sn'), parameters.get('alipay_root_cert_sn')]).toEqual([all.app.number, all.root.number]);
    const [serial, issuer] = [BigInt(`0x${all.app.certificate.serialNumber}`), 'CN=Class 1 R1,O=Ant Financial,C=CN'];
    expect(all.app.number).toBe(createHash('md5').update(`${issuer}${serial}`).digest('hex'));
  });
});

describe('In certificate mode an answer', () => {
  const ask = async (gateway = certifiedGatewayAt(fake.url, all)) => {
    const outcome = await gateway.query(attempt);
    await gateway.disconnect();
    return outcome;
  };

  it('is believed by the certificate that we have, without a question', async () => {
    answersBy(all.alipay);
    expect((await ask()).kind).toBe('succeeded');
    expect(downloads()).toEqual([]);
  });

  it('is believed by the certificate that we have where it names none', async () => {
    fake.does('alipay.trade.query', (response, { method }) => response.end(answerBody(nodeName(method), paid, all.alipay.privateKey)));
    expect((await ask()).kind).toBe('succeeded');
  });

  it('by a new certificate is believed once that is there, which is fetched once', async () => {
    answersBy(all.next);
    hands(all.next);
    const gateway = certifiedGatewayAt(fake.url, all);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => gateway.query(attempt)));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['succeeded']));
    expect((await ask(gateway)).kind).toBe('succeeded');

    expect(downloads()).toHaveLength(1);
    const [{ content, query } = { content: {}, query: new URLSearchParams() }] = downloads();
    expect(content).toEqual({ alipay_cert_sn: all.next.number });
    expect(query.get('app_cert_sn')).toBe(all.app.number);
    expect(query.get('sign')).not.toBeNull();
  });

  it('is believed where what is fetched brings its own authority', async () => {
    const authority = await issue({ name: 'C=CN, O=Ant Financial, CN=Class 3 R1', by: all.root, ca: true });
    const newest = await issue({ name: ALIPAY_NAME, by: authority });
    answersBy(newest);
    hands(newest, authority);
    expect((await ask()).kind).toBe('succeeded');
  });

  it.each<[string, () => void, string]>([
    ['by nobody that is known', () => undefined, 'could not be fetched'],
    ['while Alipay refuses to hand the certificate over', () => fake.answers(DOWNLOAD, { code: '40004', sub_code: 'X' }), 'X'],
    [
      'while what is handed over is no certificate',
      () => fake.answers(DOWNLOAD, { code: '10000', alipay_cert_content: 'AAAA' }),
      'no certificate',
    ],
    ['while nothing is handed over', () => fake.answers(DOWNLOAD, { code: '10000' }), 'could not be fetched'],
    ['while another certificate is handed over', () => hands(all.alipay), 'another certificate'],
    ['while the connection breaks', () => fake.does(DOWNLOAD, (response) => response.socket?.resetAndDestroy()), 'no answer'],
  ])('by a new certificate, %s, is unknown', async (_, sets, words) => {
    answersBy(all.next);
    sets();
    const outcome = await ask();
    expect(outcome.kind).toBe('unknown');
    expect(JSON.stringify(outcome)).toContain(words);
    expect(fake.received.map(({ method }) => method)).toEqual(['alipay.trade.query', DOWNLOAD]);
  });

  it.each<[string, string | undefined]>([
    ['a number that is none', '../../etc/passwd'],
    ['the number of a certificate with another key', undefined],
  ])('with %s is unknown, and nothing is fetched', async (_, number) => {
    answersBy(all.next, number ?? all.alipay.number);
    hands(all.next);
    expect((await ask()).kind).toBe('unknown');
    expect(downloads()).toEqual([]);
  });

  it('is asked for anew once a fetch has failed', async () => {
    answersBy(all.next);
    const gateway = certifiedGatewayAt(fake.url, all);
    expect((await gateway.query(attempt)).kind).toBe('unknown');
    hands(all.next);
    expect((await ask(gateway)).kind).toBe('succeeded');
  });
});

describe('A certificate that does not lead to Alipay', () => {
  const strangers: [string, string, () => Promise<Issued[]>][] = [
    ['signed by itself', 'does not lead', async () => [await issue({ name: ALIPAY_NAME })]],
    [
      'under a root of the same name with another key',
      'does not lead',
      async () => [await issue({ name: ALIPAY_NAME, by: all.otherRoot }), all.otherRoot],
    ],
    [
      'that brings its own root',
      'does not lead',
      async () => {
        const root = await issue({ name: 'CN=Root R9', ca: true });
        return [await issue({ name: ALIPAY_NAME, by: root }), root];
      },
    ],
    [
      "issued with a merchant's certificate",
      'does not lead',
      async () => [await issue({ name: ALIPAY_NAME, by: all.app }), all.app, all.class1],
    ],
    ['of a merchant', 'not issued to Alipay', () => Promise.resolve([all.app, all.class1])],
    ['that has expired', 'expired', async () => [await issue({ name: ALIPAY_NAME, by: all.class2, from: '2024-01-01', to: '2026-01-05' })]],
    ['that is not valid yet', 'expired', async () => [await issue({ name: ALIPAY_NAME, by: all.class2, from: '2026-01-06' })]],
    ['signed with SHA-1', 'does not lead', async () => [await issue({ name: ALIPAY_NAME, by: all.class2, sha1: true })]],
    [
      'under an authority that has expired',
      'expired',
      async () => {
        const authority = await issue({ name: 'CN=Class 4', by: all.root, ca: true, from: '2020-01-01', to: '2021-01-01' });
        return [await issue({ name: ALIPAY_NAME, by: authority }), authority];
      },
    ],
    [
      'with a key that is not RSA',
      'no RSA key',
      async () => [await issue({ name: ALIPAY_NAME, by: all.class2, algorithm: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } })],
    ],
  ];

  it.each(strangers)('%s, proves nothing', async (_, reason, make) => {
    const [leaf, ...alongside] = await make();
    if (leaf === undefined) throw new Error('no certificate');
    hands(leaf, ...alongside);
    const gateway = certifiedGatewayAt(fake.url, all);
    const body = new URLSearchParams(signedNotice({ alipay_cert_sn: leaf.number }));
    if (leaf.privateKey.asymmetricKeyType === 'rsa') expect((await gateway.readCallback(noticeBy(leaf))).kind).toBe('rejected');
    const rejected = await gateway.readCallback(callback(body.toString()));
    expect(rejected).toMatchObject({ kind: 'rejected', verdict: 'untrusted_certificate', outTradeNo: OUT_TRADE_NO });
    expect(rejected).toHaveProperty('reason', expect.stringContaining(reason));
    if (leaf.privateKey.asymmetricKeyType === 'rsa') {
      answersBy(leaf);
      expect((await gateway.query(attempt)).kind).toBe('unknown');
    }
    await gateway.disconnect();
  });
});

it('An authority from our own settings need not say that it is one: the one of the sandbox does not', async () => {
  const modest = await issue({ name: 'C=CN, CN=Class 2 R1 test', by: all.root });
  const [ours, theirs] = await Promise.all([issue({ name: ALIPAY_NAME, by: modest }), issue({ name: ALIPAY_NAME, by: modest })]);
  hands(theirs, modest);
  const believing = (alipay: readonly Issued[]) =>
    certifiedGatewayAt(fake.url, { ...all, certificates: { ...all.certificates, alipay: alipay.map(({ certificate }) => certificate) } });
  const [told, untold] = [believing([ours, modest]), believing([ours])];
  expect((await told.readCallback(noticeBy(theirs))).kind).toBe('notice');
  expect(await untold.readCallback(noticeBy(theirs))).toMatchObject({ verdict: 'untrusted_certificate' });
  await Promise.all([told.disconnect(), untold.disconnect()]);
});

describe('In certificate mode a notice', () => {
  it('is read by the certificate it names, or by the one that we have where it names none', async () => {
    const gateway = certifiedGatewayAt(fake.url, all);
    for (const notice of [noticeBy(all.alipay), noticeBy(all.alipay, { alipay_cert_sn: undefined })]) {
      expect(await gateway.readCallback(notice)).toMatchObject({ kind: 'notice', says: 'paid' });
    }
    expect(downloads()).toEqual([]);
    await gateway.disconnect();
  });

  it('by a new certificate is read, and then the new one needs no name either', async () => {
    hands(all.next);
    const gateway = certifiedGatewayAt(fake.url, all);
    const nameless = noticeBy(all.next, { alipay_cert_sn: undefined });
    expect(await gateway.readCallback(nameless)).toMatchObject({ verdict: 'bad_signature' });
    expect((await gateway.readCallback(noticeBy(all.next))).kind).toBe('notice');
    expect((await gateway.readCallback(nameless)).kind).toBe('notice');
    expect((await gateway.readCallback(noticeBy(all.alipay))).kind).toBe('notice');
    expect(downloads()).toHaveLength(1);
    await gateway.disconnect();
  });

  it('is no longer believed by a fetched certificate that has expired since', async () => {
    const clock = new MovableClock();
    const brief = await issue({ name: ALIPAY_NAME, by: all.class2, to: '2026-01-05T02:21:00Z' });
    hands(brief);
    const gateway = certifiedGatewayAt(fake.url, all, clock);
    expect((await gateway.readCallback(noticeBy(brief))).kind).toBe('notice');
    clock.advance(11 * MINUTE);
    expect(await gateway.readCallback(noticeBy(brief))).toMatchObject({ verdict: 'untrusted_certificate' });
    await gateway.disconnect();
  });

  it('waits for Alipay where the certificate cannot be had', async () => {
    const gateway = certifiedGatewayAt(fake.url, all);
    expect(await gateway.readCallback(noticeBy(all.next))).toMatchObject({
      kind: 'rejected',
      verdict: 'unknown_key',
      outTradeNo: OUT_TRADE_NO,
    });
    await gateway.disconnect();
  });

  it('waits no longer for it than for any answer, and not at all while Alipay is left in peace', async () => {
    fake.does(DOWNLOAD, () => undefined);
    const gateway = certifiedGatewayAt(fake.url, all, new MovableClock(), { totalTimeout: 200, failuresUntilRest: 1, rest: MINUTE });
    expect(await gateway.readCallback(noticeBy(all.next))).toMatchObject({ verdict: 'unknown_key' });
    expect(gateway.reachability()).toBe('resting');
    const rejected = await gateway.readCallback(noticeBy(all.next));
    expect(rejected).toMatchObject({ verdict: 'unknown_key', reason: expect.stringContaining('left in peace') as string });
    expect(downloads()).toHaveLength(1);
    expect((await gateway.readCallback(noticeBy(all.alipay))).kind).toBe('notice');
    await gateway.disconnect();
  });

  it.each<[string, Record<string, string | undefined>, string]>([
    ['of another application', { app_id: '2021999999999999' }, 'wrong_app'],
    ['acting for another application', { auth_app_id: '2021999999999999' }, 'wrong_app'],
    ['of another merchant', { seller_id: '2088999999999999' }, 'wrong_merchant'],
  ])('%s is refused for that', async (_, changes, verdict) => {
    const gateway = certifiedGatewayAt(fake.url, all);
    expect(await gateway.readCallback(noticeBy(all.alipay, changes))).toMatchObject({ kind: 'rejected', verdict });
    await gateway.disconnect();
  });

  it('makes us ask for no certificate unless it claims to be ours and has a signature', async () => {
    hands(all.next);
    const gateway = certifiedGatewayAt(fake.url, all);
    expect(await gateway.readCallback(noticeBy(all.next, { app_id: '2021999999999999' }))).toMatchObject({ verdict: 'unknown_key' });
    const unsigned = signedNotice({ alipay_cert_sn: all.next.number }).replace(/&sign=[^&]+/, '');
    expect(await gateway.readCallback(callback(unsigned))).toMatchObject({ verdict: 'bad_signature' });
    expect(downloads()).toEqual([]);
    await gateway.disconnect();
  });

  it('in great numbers cannot make us call Alipay in great numbers, nor keep a true one out for long', async () => {
    const clock = new MovableClock();
    const gateway = certifiedGatewayAt(fake.url, all, clock);
    for (let count = 0; count < 40; count += 1) {
      const made = createHash('md5').update(String(count)).digest('hex');
      expect(await gateway.readCallback(noticeBy(all.next, { alipay_cert_sn: made }))).toMatchObject({ verdict: 'unknown_key' });
    }
    expect(downloads()).toHaveLength(6);

    // What Alipay answers to a question of ours is not held back by that.
    hands(all.next);
    expect(await gateway.readCallback(noticeBy(all.next))).toMatchObject({ verdict: 'unknown_key' });
    clock.advance(MINUTE);
    expect((await gateway.readCallback(noticeBy(all.next))).kind).toBe('notice');
    await gateway.disconnect();
  });

  it('with any one character changed, a field dropped, doubled or emptied is refused', async () => {
    hands(all.next);
    const gateway = certifiedGatewayAt(fake.url, all);
    const body = signedNotice({ alipay_cert_sn: all.alipay.number }, all.alipay.privateKey);
    const said = new URLSearchParams(body).toString();
    let refused = 0;
    const isRefused = async (mutation: string | Buffer) => {
      expect((await gateway.readCallback(callback(mutation))).kind).toBe('rejected');
      refused += 1;
    };
    const position = fc.integer({ min: 0, max: body.length - 1 });
    await fc.assert(
      fc.asyncProperty(position, fc.integer({ min: 0, max: 0xff }), async (at, code) => {
        const bytes = Buffer.from(body);
        bytes[at] = code;
        fc.pre(new URLSearchParams(bytes.toString('latin1')).toString() !== said);
        await isRefused(bytes);
      }),
      { seed: 20260105, numRuns: 500 },
    );
    const pairs = body.split('&');
    for (const pair of pairs) {
      const name = pair.slice(0, pair.indexOf('='));
      const others = pairs.filter((other) => other !== pair);
      // `sign_type` is not signed; without it, the algorithm is the same.
      if (name !== 'sign_type') await isRefused(others.join('&'));
      await isRefused([...pairs, pair].join('&'));
      await isRefused([...others, `${name}=`].join('&'));
    }
    expect(refused).toBeGreaterThan(550);
    // A serial number that was changed by chance is asked for, and no more than the six.
    expect(downloads().length).toBeLessThanOrEqual(6);
    await gateway.disconnect();
  });

  it('is claimed by its app_id, whatever else it is', () => {
    const gateway = certifiedGatewayAt(fake.url, all);
    const bodies = [
      signedNotice({}, all.next.privateKey),
      signedNotice({ app_id: '1' }),
      '',
      '{"app_id":1}',
      'x'.repeat(1024 * 1024),
      `app_id=${APP_ID}&app_id=${APP_ID}`,
    ];
    expect(bodies.map((body) => gateway.claims(callback(body)))).toEqual(['yes', 'no', 'no', 'no', 'no', 'no']);
  });
});

it('The signatures of the fake are what Node makes, and the clock stands in the lifetime of its certificates', () => {
  expect(rsa2('x', all.alipay.privateKey)).not.toBe(rsa2('x', all.next.privateKey));
  expect(NOW.getTime()).toBeLessThan(Date.parse(all.alipay.certificate.validTo));
});
