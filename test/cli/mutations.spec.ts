import fc from 'fast-check';
import { alipays, signedNotice } from '../payment/alipay/support.js';
import { authority, type Authority } from '../payment/unionpay/authority.js';
import { noticeBody, noticeFields, NOW as THEN, rawBody, signed } from '../payment/unionpay/support.js';
import { API_V3_KEY, NOW, paymentNotice, PUBLIC_KEY_ID, wechats } from '../payment/wechatpay/support.js';
import { useDesk } from './support.js';

const desk = useDesk();
const spki = { type: 'spki', format: 'pem' } as const;
const RUNS = { seed: 20260105, numRuns: 250 };

const byte = fc.oneof(
  fc.integer({ min: 0x20, max: 0x7e }),
  fc.integer({ min: 0, max: 0xff }),
  fc.constantFrom(...Buffer.from('%&=+\n\r{"')),
);

function changed(original: Buffer, at: number, code: number): Buffer {
  const bytes = Buffer.from(original);
  bytes[at % bytes.length] = code;
  return bytes;
}

/** Whether two forms say the same: `%3a` is `%3A`, by RFC 3986. */
const sameForm = (left: Buffer, right: Buffer): boolean =>
  new URLSearchParams(left.toString('latin1')).toString() === new URLSearchParams(right.toString('latin1')).toString();

async function refusesEach(
  original: Buffer,
  run: (body: Buffer) => Promise<{ code: number; err: string }>,
  isSame: (body: Buffer) => boolean,
): Promise<void> {
  expect((await run(original)).code).toBe(0);
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: original.length - 1 }), byte, async (at, code) => {
      const body = changed(original, at, code);
      fc.pre(!isSame(body));
      expect(await run(body)).toMatchObject({ code: 1, err: '' });
      refused += 1;
    }),
    RUNS,
  );
  expect(refused).toBe(RUNS.numRuns);
}

describe('One byte changed anywhere is never verified, and never crashes', () => {
  let world: Authority;
  beforeAll(async () => {
    world = await authority();
  });

  it('in a notice of Alipay', async () => {
    const key = desk.file(alipays.publicKey.export(spki));
    const original = Buffer.from(signedNotice());
    const run = (body: Buffer) => desk.run(['verify-callback', 'alipay', '--body', desk.file(body, 'body'), '--key', key]);
    await refusesEach(original, run, (body) => sameForm(body, original));
  });

  it('in the body and the headers of a notice of WeChat Pay', async () => {
    const { headers, body } = paymentNotice();
    const key = `${PUBLIC_KEY_ID}=${desk.file(wechats.publicKey.export(spki))}`;
    const args = ['--at', NOW.toISOString(), '--key', key, '--api-v3-key', desk.file(API_V3_KEY)];
    const signedHeaders = Object.entries(headers).filter(([name]) => name.startsWith('wechatpay-') && name !== 'wechatpay-signature-type');
    const lines = Buffer.from(signedHeaders.map(([name, value]) => `${name}: ${value}\n`).join(''));
    const said = (text: Buffer): string =>
      text
        .toString('latin1')
        .split(/\r?\n/)
        .map((line) =>
          line
            .replace(/^[^:]*:/, (name) => name.toLowerCase())
            .replace(/:\s*/, ':')
            .trim(),
        )
        .filter((line) => line.startsWith('wechatpay-'))
        .join('\n');
    const run = (sentHeaders: Buffer, sentBody: Buffer) =>
      desk.run([
        'verify-callback',
        'wechatpay',
        '--headers',
        desk.file(sentHeaders, 'headers'),
        '--body',
        desk.file(sentBody, 'body'),
        ...args,
      ]);
    await refusesEach(
      body,
      (other) => run(lines, other),
      (other) => other.equals(body),
    );
    // A timestamp of another second within the window is refused by the signature.
    await refusesEach(
      lines,
      (other) => run(other, body),
      (other) => said(other) === said(lines),
    );
  });

  it('in a notice and in an answer of UnionPay', async () => {
    const anchors = [
      '--root',
      desk.file(world.root.certificate),
      '--middle',
      desk.file(world.middle.certificate),
      '--at',
      THEN.toISOString(),
    ];
    const run = (body: Buffer, ...more: string[]) =>
      desk.run(['verify-callback', 'unionpay', '--body', desk.file(body, 'body'), ...anchors, ...more]);
    const notice = Buffer.from(noticeBody(world.unionpay));
    await refusesEach(
      notice,
      (body) => run(body),
      (body) => sameForm(body, notice),
    );
    const answer = Buffer.from(rawBody(signed({ ...noticeFields, reqReserved: '{a=1}' }, world.unionpay)));
    await refusesEach(
      answer,
      (body) => run(body, '--answer'),
      (body) => body.equals(answer),
    );
  });
});
