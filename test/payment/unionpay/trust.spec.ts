import { X509Certificate } from 'node:crypto';

import {
  issuedBy,
  messageFlaw,
  readCertificate,
  UNIONPAY_NAME,
  type TrustAnchors,
} from '../../../src/payment/gateway/unionpay/verification.js';
import { parseForm } from '../../../src/payment/gateway/form.js';
import { authority, issue, type Authority, type Issued } from './authority.js';
import { noticeBody, NOW, type Changes } from './support.js';

let world: Authority;
let anchors: TrustAnchors;
beforeAll(async () => {
  world = await authority();
  anchors = { root: certificateOf(world.root), middle: certificateOf(world.middle), names: [UNIONPAY_NAME] };
});

const certificateOf = ({ certificate }: Issued) => new X509Certificate(certificate);

async function flawOf(signer: Issued, more: Partial<TrustAnchors> = {}, changes: Changes = {}, at = NOW) {
  const form = parseForm(Buffer.from(noticeBody(signer, changes)), 'encoding');
  if (typeof form === 'string') throw new Error(form);
  return messageFlaw(form.bytes, { ...anchors, ...more }, at);
}

describe('A certificate that a message brings along', () => {
  it('has at most 8,192 characters', () => {
    const longest = world.unionpay.certificate.trimEnd().padEnd(8 * 1024);
    expect(readCertificate(longest)).toBeInstanceOf(X509Certificate);
    expect(readCertificate(`${longest} `)).toBe(undefined);
  });

  it('has to be one, or that is what is said', async () => {
    expect(await flawOf(world.unionpay)).toBe(undefined);
    expect(await flawOf({ ...world.unionpay, certificate: '-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----' })).toMatchObject({
      reason: 'cert',
    });
  });

  it('leads to a middle one and to a root that are what they are said to be', async () => {
    expect(await flawOf(world.unionpay, { root: anchors.middle })).toEqual({
      reason: 'chain',
      says: 'the root certificate did not issue itself',
    });
    expect(await flawOf(world.unionpay, { middle: certificateOf(world.strangersRoot) })).toEqual({
      reason: 'chain',
      says: 'the middle certificate was not issued by the root certificate',
    });
    expect(await flawOf(world.stranger)).toEqual({
      reason: 'chain',
      says: 'signPubKeyCert was not issued by the middle certificate',
    });
  });

  it('is good from the first to the last of its seconds', async () => {
    const { validFrom, validTo } = certificateOf(world.expired);
    const by = (time: string, milliseconds: number) => new Date(Date.parse(time) + milliseconds);
    const reasons = [by(validFrom, -1), by(validFrom, 0), by(validTo, 0), by(validTo, 1)].map(
      async (time) => (await flawOf(world.expired, {}, {}, time))?.reason,
    );
    expect(await Promise.all(reasons)).toEqual(['expired', undefined, undefined, 'expired']);
  });

  it('bears one name, and UnionPay’s', async () => {
    const two = await issue(`CN=041@8310000000083040@${UNIONPAY_NAME}@00016495, CN=041@8310000000083040@${UNIONPAY_NAME}@00016495, C=CN`, {
      issuer: world.middle,
    });
    for (const signer of [two, world.merchant]) expect(await flawOf(signer)).toMatchObject({ reason: 'cn' });
  });
});

describe('An authority', () => {
  it.each([
    [true, true, true, true],
    [false, true, true, false],
    [true, false, true, false],
    [true, true, false, false],
  ])('(an authority: %p, by name: %p, by signature: %p) has issued a certificate: %p', (ca, byName, bySignature, expected) => {
    const certificate = { checkIssued: () => byName, verify: () => bySignature } as unknown as X509Certificate;
    expect(issuedBy(certificate, { ca } as X509Certificate)).toBe(expected);
  });

  it('has issued nothing that cannot be checked', () => {
    const certificate = {
      checkIssued: () => {
        throw new Error('a key of a kind that Node does not know');
      },
    } as unknown as X509Certificate;
    expect(issuedBy(certificate, { ca: true } as X509Certificate)).toBe(false);
    expect(issuedBy(certificateOf(world.middle), certificateOf(world.root))).toBe(true);
    expect(issuedBy(certificateOf(world.middle), certificateOf(world.strangersRoot))).toBe(false);
    expect(issuedBy(certificateOf(world.unionpay), certificateOf(world.root))).toBe(false);
  });
});
