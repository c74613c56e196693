import { createHash, X509Certificate } from 'node:crypto';

import {
  certificateNumber,
  certificatesIn,
  isValidAt,
  trustFlaw,
  type TrustAnchors,
} from '../../../src/payment/gateway/alipay/certificates.js';
import { ALIPAY_NAME, authorities, issue, type Authorities, type Issued } from './certificates.js';
import { NOW } from './support.js';

const NO_WAY = 'the certificate does not lead to one of the roots';

let all: Authorities;
beforeAll(async () => {
  all = await authorities();
});

describe('A text with certificates', () => {
  it('has at least one, and at most 32', () => {
    const { pem } = all.root;
    expect(certificatesIn('')).toBe(undefined);
    expect(certificatesIn(`x${pem}y`)?.map(({ fingerprint256 }) => fingerprint256)).toEqual([all.root.certificate.fingerprint256]);
    expect(certificatesIn(pem.repeat(32))).toHaveLength(32);
    expect(certificatesIn(pem.repeat(33))).toBe(undefined);
  });

  it('has none where one of them cannot be read, or has a number below zero', () => {
    const { pem, certificate } = all.root;
    expect(certificatesIn(`${pem}-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----`)).toBe(undefined);
    const der = Buffer.from(certificate.raw);
    const at = der.indexOf(Buffer.from(certificate.serialNumber, 'hex'));
    der.writeUInt8(0xff, at);
    const below = new X509Certificate(der).toString();
    expect(new X509Certificate(below).serialNumber).toMatch(/^-/);
    expect(certificatesIn(`${pem}${below}`)).toBe(undefined);
  });
});

describe('A certificate', () => {
  it('is named by its issuer, as it is written, and by its number in decimal', () => {
    const named = { issuer: 'C=CN\nO=A\\, B\\1BC \\+ "D"\nCN=支付宝', serialNumber: '0A' } as X509Certificate;
    const name = createHash('md5').update('CN=支付宝,O=A, B\x1bC + "D",C=CN10').digest('hex');
    expect(certificateNumber(named)).toBe(name);
  });

  it('is good from the first to the last of its seconds', () => {
    const { certificate } = all.alipay;
    const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
    const by = (time: Date, milliseconds: number) => new Date(time.getTime() + milliseconds);
    expect([by(from, -1), from, to, by(to, 1)].map((time) => isValidAt(certificate, time))).toEqual([false, true, true, false]);
  });
});

describe('A certificate that is offered as Alipay’s', () => {
  const flawOf = (offered: readonly X509Certificate[], anchors: Partial<TrustAnchors> = {}) =>
    trustFlaw(offered, { alipay: all.certificates.alipay, roots: all.certificates.roots, ...anchors }, NOW);

  it('is believed where it leads to a root', () => {
    expect(flawOf([all.next.certificate, all.class2.certificate])).toBe(undefined);
    expect(flawOf([all.next.certificate])).toBe(undefined);
    expect(flawOf([all.next.certificate], { roots: [all.otherRoot.certificate] })).toBe(NO_WAY);
  });

  it('has to be there, and so has ours', () => {
    expect(flawOf([])).toBe('there is no certificate');
    expect(flawOf([all.next.certificate], { alipay: [] })).toBe('there is no certificate');
    expect(flawOf([], { alipay: [] })).toBe('there is no certificate');
  });

  it('has a key of RSA, and one that is long enough', async () => {
    for (const wish of [{ bits: 2040 }, { algorithm: all.elliptic.keys.publicKey.algorithm as never }]) {
      const { certificate } = await issue({ name: ALIPAY_NAME, by: all.root, ...wish });
      expect(flawOf([certificate])).toBe('the certificate has no RSA key of at least 2048 bits');
    }
  });

  it('comes by at most six certificates', async () => {
    const chain: Issued[] = [await issue({ name: 'CN=Link 0', by: all.root, ca: true })];
    for (let count = 1; count < 6; count += 1)
      chain.push(await issue({ name: `CN=Link ${count}`, by: chain.at(-1) ?? all.root, ca: true }));
    const links = chain.map(({ certificate }) => certificate);
    const by = async (length: number) => {
      const { certificate } = await issue({ name: ALIPAY_NAME, by: chain[length - 2] ?? all.root });
      return flawOf([certificate, ...links]);
    };
    expect(await by(1)).toBe(undefined);
    expect(await by(2)).toBe(undefined);
    expect(await by(6)).toBe(undefined);
    expect(await by(7)).toBe(NO_WAY);
  });

  it('is nobody’s word where its issuer has another name, a weak key, or one that cannot be read', async () => {
    const misnamed = await issue({ name: ALIPAY_NAME, by: { ...all.root, certificate: all.class1.certificate } });
    expect(flawOf([misnamed.certificate])).toBe(NO_WAY);
    const weak = await issue({ name: 'CN=Weak', ca: true, bits: 2040 });
    const ofWeak = await issue({ name: ALIPAY_NAME, by: weak });
    expect(flawOf([ofWeak.certificate], { roots: [weak.certificate] })).toBe(NO_WAY);
    const unreadable = {
      subject: all.root.certificate.subject,
      get publicKey(): never {
        throw new Error('a key of a kind that Node does not know');
      },
    } as unknown as X509Certificate;
    const straight = await issue({ name: ALIPAY_NAME, by: all.root });
    expect(flawOf([straight.certificate], { roots: [unreadable] })).toBe(NO_WAY);
    expect(flawOf([straight.certificate], { roots: [unreadable, all.root.certificate] })).toBe(undefined);
  });

  it('is not believed where it, or one on its way, is signed with SHA-1', async () => {
    const alone = await issue({ name: ALIPAY_NAME, by: all.root, sha1: true });
    expect(flawOf([alone.certificate])).toBe(NO_WAY);
  });
});
