import type { ForgeryKind } from '../gateway.js';
import type { SigningKeys } from './credentials.js';
import type { Fields } from './message.js';
import { certified, secureKeySignature, sha1Signature, signed } from './signing.js';

type Signer = (said: Fields) => Fields;

const PUBLIC_SECURE_KEY = '88888888'; // Of UnionPay's test environment, and therefore everybody's.

/** Ways to sign a notice that a merchant must not believe. */
export function forgers({ gateway, otherKey, otherCertificate, wrongName, expired }: SigningKeys): ReadonlyMap<ForgeryKind, Signer> {
  return new Map<ForgeryKind, Signer>([
    ['other_key', (said) => signed(said, otherKey)],
    ['other_cert', (said) => signed(said, otherCertificate)],
    ['wrong_cn', (said) => signed(said, wrongName)],
    ['expired_cert', (said) => signed(said, expired)],
    ['no_signature', (said) => certified(said, gateway)],
    ['empty_signature', (said) => ({ ...certified(said, gateway), signature: '' })],
    ['sign_type', (said) => withSignature({ ...said, signMethod: '11' }, (fields) => secureKeySignature(fields, PUBLIC_SECURE_KEY))],
    ['sign_type_rsa', (said) => withSignature(asVersion500(said, gateway), (fields) => sha1Signature(fields, gateway.privateKey))],
  ]);
}

function asVersion500(said: Fields, gateway: SigningKeys['gateway']): Fields {
  return certified({ ...said, version: '5.0.0' }, gateway);
}

function withSignature(fields: Fields, signature: (fields: Fields) => string): Fields {
  return { ...fields, signature: signature(fields) };
}
