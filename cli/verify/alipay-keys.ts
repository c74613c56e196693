import { certificateNumber } from '../../src/payment/gateway/alipay/certificates.js';
import type { Mismatch } from '../diagnosis/likeliest-cause.js';
import type { NamedKey } from '../input/keys.js';
import type { OwnKey } from './message.js';

export interface AlipayKeys {
  readonly keys: readonly NamedKey[];
  readonly own: OwnKey;
}

export interface AlipayWishes {
  /** The member of an answer that is signed, where it cannot be told by itself. */
  readonly node: string | undefined;
  /** It is a message of the service market or a life account, where `sign_type` is signed, too. */
  readonly keepSignType: boolean;
}

const WRONG_KEY =
  "wrong key: none of the keys given made this signature. It must be the key that Alipay's console shows after the upload (支付宝公钥), not the application's own public key, and of this very app, sandbox or not; or the signature itself was changed";

/** What to say where none of the keys made a signature. `certSn` is the certificate that the message names, where it names one. */
export function wrongKey(certSn: string | undefined, { keys, own }: AlipayKeys): string {
  const mine = own && keys.find(({ key }) => key.equals(own));
  if (mine) return `wrong key: ${mine.title} is the application's own public key, and Alipay's is needed (支付宝公钥)`;
  const numbers = keys.flatMap(({ certificate }) => (certificate ? [certificateNumber(certificate)] : []));
  if (certSn === undefined || numbers.length === 0 || numbers.includes(certSn)) return WRONG_KEY;
  const named = certSn.replace(/[^\w-]/g, '').slice(0, 64);
  return `wrong key: alipay_cert_sn names the certificate ${named}, and the one given is ${numbers.join(', ')}: fetch the new one from Alipay's console`;
}

const OWN_KEY = "it is signed with the application's own key: it is a request of ours, and not from Alipay";

/** The application's own key, which signs requests and not what Alipay sends. */
export function mixedUp({ own }: AlipayKeys): Pick<Mismatch, 'mixedUp'> {
  return own === undefined ? {} : { mixedUp: { key: own, cause: OWN_KEY } };
}
