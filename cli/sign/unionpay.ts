import { createHash, type KeyObject, type X509Certificate } from 'node:crypto';

import { certIdOf } from '../../src/payment/gateway/unionpay/settings.js';
import { secureKeySignature, signedContent, signedDigest, type SecureKeyMethod } from '../../src/payment/gateway/unionpay/signing.js';
import { changedFields } from '../diagnosis/changed-fields.js';
import { wronglySigned } from '../diagnosis/unionpay-suspects.js';
import { text } from '../input/arguments.js';
import { UsageError } from '../usage-error.js';
import { needed, paramsOf, refuse, type Given } from './given.js';
import type { Signable, Signing } from './signable.js';

type Fields = ReadonlyMap<string, string>;

/** A request that the merchant's key signs. `certificates` are those that came with the key. */
export function unionpaySignable(given: Given, key: KeyObject | undefined, certificates: readonly X509Certificate[]): Signable {
  refuse(given, ['sign-method'], '--key: a secure key needs --secure-key');
  const params = new Map([...paramsOf(given)].filter(([name]) => name !== 'signature'));
  const own = key && certificates.find((certificate) => key.type === 'public' || certificate.checkPrivateKey(key));
  const certId = own && certIdOf(own);
  const fields = params.has('certId') || certId === undefined ? params : new Map([...params, ['certId', certId]]);
  const digest = signedDigest(fields);
  return {
    gateway: 'unionpay',
    what: 'a request',
    content: signedContent(fields),
    signed: Buffer.from(digest),
    more: { digest, ...(certId !== undefined && { certId }) },
    remarks: remarksOn(fields, certId),
    complete: () => Promise.resolve({}),
    suspects: () => wronglySigned(new Map([...fields].map(([name, value]) => [name, Buffer.from(value)]))),
  };
}

function remarksOn(fields: Fields, certId: string | undefined): string[] {
  const said = fields.get('certId');
  const empty = [...fields].filter(([, value]) => value === '').map(([name]) => name);
  return [
    ...(said === undefined ? ['certId is missing: it is signed, too, and comes from the certificate (--cert FILE)'] : []),
    ...(said !== undefined && certId !== undefined && said !== certId
      ? [`certId in --params is not that of the certificate, ${certId}`]
      : []),
    ...(fields.get('signMethod') === '01' ? [] : ['signMethod is not 01, and the signature is by a certificate']),
    ...(empty.length > 0 ? [`left out, because empty: ${empty.join(', ')}. Do not send them either`] : []),
  ];
}

/** A request that a shared secure key signs, for which no RSA is needed. */
export function secureKeySigning(given: Given, file: string): Signing {
  refuse(given, ['key', 'cert'], '--secure-key');
  const fields = new Map([...paramsOf(given)].filter(([name]) => name !== 'signature'));
  const method = methodOf(text(given.values, 'sign-method') ?? fields.get('signMethod') ?? needed(given, 'sign-method', '11 or 12'));
  const secureKey = given.files.secret('--secure-key', file);
  const signature = secureKeySignature(fields, secureKey, method);
  const expected = text(given.values, 'expect');
  return {
    gateway: 'unionpay',
    what: `a request, by a secure key (signMethod ${method})`,
    content: signedContent(fields),
    signature,
    more: {},
    remarks: fields.get('signMethod') === method ? [] : [`signMethod in --params is not ${method}`],
    comparison:
      expected === undefined
        ? undefined
        : expected === signature
          ? { same: true }
          : { same: false, cause: causeOf(expected, fields, secureKey, method) },
  };
}

function methodOf(method: string): SecureKeyMethod {
  if (method !== '11' && method !== '12') throw new UsageError('--sign-method: must be 11 (SHA-256) or 12 (SM3)');
  return method;
}

function causeOf(expected: string, fields: Fields, secureKey: string, method: SecureKeyMethod): string {
  const other = method === '11' ? '12' : '11';
  const algorithm = method === '11' ? 'sha256' : 'sm3';
  const plainKey = createHash(algorithm).update(Buffer.concat([signedContent(fields), Buffer.from(`&${secureKey}`)]));
  if (expected.toLowerCase() === secureKeySignature(fields, secureKey, method)) return 'it is in capitals, and small letters are wanted';
  if (expected === secureKeySignature(fields, secureKey, other)) return `it is made as for signMethod ${other}`;
  if (expected === plainKey.digest('hex')) return 'the secure key itself was put at the end, and not its digest';
  if (!/^[0-9a-f]{64}$/i.test(expected))
    return 'it is no digest in hexadecimal of 64 digits: was it made with a certificate, signMethod 01?';
  const bytes = new Map([...fields].map(([name, value]) => [name, Buffer.from(value)] as const));
  for (const changed of changedFields(bytes)) if (expected === secureKeySignature(changed.fields, secureKey, method)) return changed.cause;
  return 'the secure key is another one, or a value differs';
}
