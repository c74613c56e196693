import { createPublicKey, createSecretKey, type X509Certificate } from 'node:crypto';

import { ALIPAY_ACCOUNT } from '../../src/payment/gateway/alipay/settings.js';
import { certificate, privateKey, publicKey, required, type AccountForm } from '../../src/payment/gateway/settings.js';
import { UNIONPAY_ACCOUNT } from '../../src/payment/gateway/unionpay/settings.js';
import { acceptedNames, TEST_NAME, UNIONPAY_NAME, type TrustAnchors } from '../../src/payment/gateway/unionpay/verification.js';
import { WECHATPAY_ACCOUNT } from '../../src/payment/gateway/wechatpay/settings.js';
import { flag, text, texts, type Values } from '../input/arguments.js';
import type { Files } from '../input/files.js';
import { readCertificates, readPublicKey, type NamedKey } from '../input/keys.js';
import { EnvironmentAccount } from '../input/settings.js';
import { UsageError } from '../usage-error.js';
import type { World } from '../world.js';
import type { AlipayKeys } from './alipay-keys.js';
import type { OwnKey } from './message.js';
import type { WechatpayKeys } from './wechatpay.js';

/** What stands on the command line, and where the rest is found. */
export interface Given {
  readonly values: Values;
  readonly files: Files;
  readonly world: World;
}

/** Those of `--key`, or those of the environment. Throws `UsageError`, as all that follow. */
export function alipayKeys({ values, files, world }: Given): AlipayKeys {
  const names = texts(values, 'key');
  const keys = names.map((name) => readPublicKey(`--key: ${name}`, files.bytes('--key', name).toString('utf8'), name));
  const own = ownKey(ALIPAY_ACCOUNT, world);
  if (names.length > 0) return { keys, own };
  const account = new EnvironmentAccount(ALIPAY_ACCOUNT, world, ['alipayPublicKey', 'alipayCertificate']);
  const field = ['alipayPublicKey', 'alipayCertificate'].find((one) => account.has(one));
  if (field === undefined) throw new UsageError(noKey("Alipay's public key", account, 'alipayPublicKey'));
  const title = account.setting(field);
  return { keys: [readPublicKey(title, account.read(required, field), title)], own };
}

export function wechatpayKeys({ values, files, world }: Given): WechatpayKeys {
  const names = texts(values, 'key');
  const fromEnvironment = names.length === 0 ? ['publicKeyId', 'publicKey', 'apiV3Key'] : [];
  const account = new EnvironmentAccount(WECHATPAY_ACCOUNT, world, fromEnvironment);
  const own = ownKey(WECHATPAY_ACCOUNT, world);
  const file = text(values, 'api-v3-key');
  const secret = file === undefined ? account.fields['apiV3Key'] : files.secret('--api-v3-key', file);
  if (secret === '') throw new UsageError('--api-v3-key: the file is empty');
  const opens = file === undefined ? 'where sealed' : 'always';
  const apiV3Key = secret === undefined ? undefined : createSecretKey(Buffer.from(secret));
  if (names.length > 0) return { keys: names.map((name) => platformKey(name, files)), apiV3Key, opens, own };
  if (!account.has('publicKeyId', 'publicKey'))
    throw new UsageError(noKey("WeChat Pay's public key or platform certificate", account, 'publicKey'));
  const key = account.read(publicKey, 'publicKey');
  return { keys: [{ title: account.setting('publicKey'), key, serial: account.read(required, 'publicKeyId') }], apiV3Key, opens, own };
}

/** `SERIAL=FILE`, or a file alone. A certificate says its serial number itself. */
function platformKey(given: string, files: Files): NamedKey {
  const [, serial, named] = /^([A-Za-z0-9_-]+)=(.+)$/s.exec(given) ?? [];
  const name = named ?? given;
  const key = readPublicKey(`--key: ${name}`, files.bytes('--key', name).toString('utf8'), name);
  const known = serial ?? key.certificate?.serialNumber;
  return known === undefined ? key : { ...key, serial: known };
}

export function unionpayAnchors({ values, files, world }: Given): TrustAnchors {
  const read = (option: string, name: string): readonly X509Certificate[] =>
    readCertificates(`${option}: ${name}`, files.bytes(option, name).toString('utf8'));
  const among = texts(values, 'key').flatMap((name) => read('--key', name));
  const [root, middle] = (['root', 'middle'] as const).map((which) => {
    const name = text(values, which);
    return name === undefined ? among.find((one) => isRoot(one) === (which === 'root')) : read(`--${which}`, name)[0];
  });
  if (root && middle) return { root, middle, names: namesOf(values) };
  if (root ?? middle) throw new UsageError(`the ${root ? 'middle' : 'root'} certificate is missing: --${root ? 'middle' : 'root'} FILE`);
  const account = new EnvironmentAccount(UNIONPAY_ACCOUNT, world, ['gatewayUrl', 'rootCertificate', 'middleCertificate']);
  if (!account.has('rootCertificate', 'middleCertificate')) {
    throw new UsageError(
      'the root and the middle certificate are missing: --root FILE --middle FILE, or UNIONPAY_ROOT_CERT_FILE and UNIONPAY_MIDDLE_CERT_FILE',
    );
  }
  const url = account.fields['gatewayUrl'] ?? '';
  return {
    root: account.read(certificate, 'rootCertificate'),
    middle: account.read(certificate, 'middleCertificate'),
    names: URL.canParse(url) && !flag(values, 'test-environment') ? acceptedNames(url) : namesOf(values),
  };
}

function namesOf(values: Values): readonly string[] {
  return flag(values, 'test-environment') ? [UNIONPAY_NAME, TEST_NAME] : [UNIONPAY_NAME];
}

function isRoot(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer;
}

/** The public half of the private key that the environment names, to tell it from the gateway's. A nicety, so that nothing fails for it. */
function ownKey(form: Pick<AccountForm<unknown>, 'fields'>, world: World): OwnKey {
  try {
    const account = new EnvironmentAccount(form, world, ['privateKey']);
    return account.has('privateKey') ? createPublicKey(account.read(privateKey, 'privateKey')) : undefined;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function noKey(what: string, account: EnvironmentAccount, field: string): string {
  return `${what} is missing: --key FILE, or ${account.setting(field)} in the environment or in .env`;
}
