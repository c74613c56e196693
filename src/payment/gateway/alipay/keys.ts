import type { KeyObject, X509Certificate } from 'node:crypto';
import { after, MINUTE, type Clock } from '../../../kernel/clock.js';
import type { RejectionVerdict } from '../gateway.js';
import { certificateNumber, isValidAt, trustFlaw, type TrustAnchors } from './certificates.js';
import type { Download } from './download.js';

/** Why no key can be named. */
export interface KeyFlaw {
  readonly verdict: Extract<RejectionVerdict, 'unknown_key' | 'untrusted_certificate'>;
  readonly reason: string;
}

/**
 * Whether an unknown certificate may be asked for. Anybody can send a notice, so one may make us call Alipay only now and then, and one
 * that does not even claim to be for us not at all.
 */
export type Asking = 'freely' | 'sparingly' | 'never';

/** Alipay's keys: those of which one must have signed a message. */
export interface AlipayKeys {
  /** `certSn` is the `alipay_cert_sn` that the message names, so far unproven. Never throws. */
  allowed(certSn: string | undefined, asking: Asking): Promise<readonly KeyObject[] | KeyFlaw>;
}

/** Public-key mode: there is one key, whatever a message says. */
export function oneKey(key: KeyObject): AlipayKeys {
  return { allowed: () => Promise.resolve([key]) };
}

const CERT_SN = /^[0-9a-f]{32}$/;
const MOST_ASKED_BY_NOTICES = 6;

/** Certificate mode: the certificate of our settings, and those that Alipay has put in its place since. */
export class CertificateKeys implements AlipayKeys {
  private readonly fetched = new Map<string, X509Certificate>();
  private readonly fetching = new Map<string, Promise<readonly KeyObject[] | KeyFlaw>>();
  private askedByNotices: Date[] = [];
  private readonly configured: readonly (readonly [string, KeyObject])[];

  constructor(
    private readonly anchors: TrustAnchors,
    private readonly clock: Clock,
    private readonly download: (certSn: string) => Promise<Download>,
  ) {
    this.configured = anchors.alipay.slice(0, 1).map((certificate) => [certificateNumber(certificate), certificate.publicKey]);
  }

  async allowed(certSn: string | undefined, asking: Asking): Promise<readonly KeyObject[] | KeyFlaw> {
    const known = this.known();
    // A message that names no certificate may be by any that is known: all of them are Alipay's.
    if (certSn === undefined) return [...known.values()];
    const key = known.get(certSn);
    if (key !== undefined) return [key];
    if (!CERT_SN.test(certSn)) return unknownKey('alipay_cert_sn is none');
    const underWay = this.fetching.get(certSn);
    if (underWay !== undefined) return underWay;
    if (!this.mayAsk(asking)) return unknownKey('alipay_cert_sn names a certificate that is not known, and too many were asked for');
    const fetching = this.fetch(certSn).finally(() => this.fetching.delete(certSn));
    this.fetching.set(certSn, fetching);
    return fetching;
  }

  /** The certificate of our settings is believed because it was put there; Alipay itself names another one once it has expired. */
  private known(): ReadonlyMap<string, KeyObject> {
    const now = this.clock.now();
    const current = [...this.fetched].filter(([, certificate]) => isValidAt(certificate, now));
    return new Map([...this.configured, ...current.map(([certSn, { publicKey }]) => [certSn, publicKey] as const)]);
  }

  private mayAsk(asking: Asking): boolean {
    if (asking !== 'sparingly') return asking === 'freely';
    const now = this.clock.now();
    this.askedByNotices = this.askedByNotices.filter((at) => after(at, MINUTE) > now);
    if (this.askedByNotices.length >= MOST_ASKED_BY_NOTICES) return false;
    this.askedByNotices.push(now);
    return true;
  }

  private async fetch(certSn: string): Promise<readonly KeyObject[] | KeyFlaw> {
    const got = await this.download(certSn);
    if (got.kind === 'failed') return unknownKey(got.cause);
    const flaw = trustFlaw(got.certificates, this.anchors, this.clock.now());
    if (flaw !== undefined) return { verdict: 'untrusted_certificate', reason: flaw };
    const [certificate] = got.certificates;
    if (certificate === undefined || certificateNumber(certificate) !== certSn) return unknownKey('Alipay gave another certificate');
    this.fetched.set(certSn, certificate);
    return [certificate.publicKey];
  }
}

function unknownKey(reason: string): KeyFlaw {
  return { verdict: 'unknown_key', reason };
}
