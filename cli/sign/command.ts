import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';

import type { GatewayName } from '../../src/payment/gateway/gateway.js';
import { sign as signWithRsa, verify } from '../../src/payment/gateway/rsa.js';
import { likeliestCause } from '../diagnosis/likeliest-cause.js';
import { FLAG, flag, parseOptions, TEXT, text, type Options } from '../input/arguments.js';
import { Files } from '../input/files.js';
import { gatewayNamed } from '../input/gateway.js';
import { readCertificates, readPrivateKey, readPublicKey } from '../input/keys.js';
import { printSigning, signingAsJson } from '../output/print-signing.js';
import { UsageError } from '../usage-error.js';
import type { World } from '../world.js';
import { alipaySignable } from './alipay.js';
import type { Given } from './given.js';
import type { Signable, Signing } from './signable.js';
import { secureKeySigning, unionpaySignable } from './unionpay.js';
import { wechatpaySignable } from './wechatpay.js';

const COMMON = { key: TEXT, expect: TEXT, json: FLAG } as const;
const REQUEST = { method: TEXT, url: TEXT, body: TEXT } as const;

const OPTIONS: Readonly<Record<GatewayName, Options>> = {
  alipay: { ...COMMON, ...REQUEST, params: TEXT, 'auth-string': TEXT, 'app-auth-token': TEXT },
  wechatpay: {
    ...COMMON,
    ...REQUEST,
    timestamp: TEXT,
    nonce: TEXT,
    mchid: TEXT,
    serial: TEXT,
    pay: TEXT,
    appid: TEXT,
    'prepay-id': TEXT,
    package: TEXT,
    string: TEXT,
  },
  unionpay: { ...COMMON, params: TEXT, cert: TEXT, 'secure-key': TEXT, 'sign-method': TEXT },
};

/** `suanpan sign`: prints what it signed, and answers whether the signature is the expected one. Throws `UsageError`. */
export async function sign(name: string, args: readonly string[], world: World): Promise<boolean> {
  const gateway = gatewayNamed(name);
  const values = parseOptions(args, OPTIONS[gateway]);
  const signing = await signingOf(gateway, { values, files: new Files(world), world });
  world.out(flag(values, 'json') ? signingAsJson(signing) : printSigning(signing));
  return signing.comparison?.same !== false;
}

async function signingOf(gateway: GatewayName, given: Given): Promise<Signing> {
  const secureKey = text(given.values, 'secure-key');
  if (secureKey !== undefined) return secureKeySigning(given, secureKey);
  const { key, certificates } = keyOf(given);
  const signable = { alipay: alipaySignable, wechatpay: wechatpaySignable, unionpay: unionpaySignable }[gateway](given, key, certificates);
  const { what, content, more, remarks } = signable;
  const signature = key?.type === 'private' ? await signWithRsa(signable.signed, key) : undefined;
  const completed = key && signature !== undefined ? await signable.complete(signature, key) : {};
  const expected = text(given.values, 'expect');
  return {
    gateway,
    what,
    content,
    signature,
    more: { ...more, ...completed },
    remarks: [...remarks, ...(key ? [] : ['without --key nothing was signed'])],
    comparison: key && expected !== undefined ? await comparison(expected, signable, key) : undefined,
  };
}

/** The key of `--key`. A public one signs nothing, and is enough to compare with. */
function keyOf({ values, files }: Given): { readonly key: KeyObject | undefined; readonly certificates: readonly X509Certificate[] } {
  const name = text(values, 'key');
  const cert = text(values, 'cert');
  const expects = text(values, 'expect') !== undefined;
  const apart = cert === undefined ? [] : readCertificates(`--cert: ${cert}`, files.bytes('--cert', cert).toString('utf8'));
  if (name === undefined) {
    if (expects) throw new UsageError('--key is missing: --expect compares with what it signs');
    return { key: undefined, certificates: apart };
  }
  const pem = files.bytes('--key', name).toString('utf8');
  const within = pem.includes('-----BEGIN CERTIFICATE-----') ? readCertificates(`--key: ${name}`, pem) : [];
  const certificates = [...apart, ...within];
  const key = readPrivateKey(`--key: ${name}`, pem);
  if (key) return { key, certificates };
  const known = readPublicKey(`--key: ${name}`, pem, name);
  if (!expects) throw new UsageError(`--key: ${name} holds no private key, and only that signs (--expect compares with a public one)`);
  return { key: known.key, certificates };
}

async function comparison(expected: string, signable: Signable, key: KeyObject): Promise<Signing['comparison']> {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  if (await verify(signable.signed, expected, publicKey)) return { same: true };
  const cause = likeliestCause({
    signature: expected,
    content: signable.signed,
    keys: [publicKey],
    wrongKey: 'wrong key: another key made that signature (of another app or merchant, or from before a change); or it was changed',
    suspects: signable.suspects(),
  });
  return { same: false, cause };
}
