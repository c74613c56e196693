import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Both key pairs, as PEM text: the merchant's (`app`) and the gateway's (`alipay`). */
export interface AlipayKeys {
  readonly appPrivateKey: string;
  readonly appPublicKey: string;
  readonly alipayPrivateKey: string;
  readonly alipayPublicKey: string;
}

/** The first line of every key file. PEM readers skip it; a merchant's backend can tell from it that the key is a toy. */
export const KEY_FILE_NOTE = 'Suanpan simulator key: never for production';

const FILES: Readonly<Record<keyof AlipayKeys, string>> = {
  appPrivateKey: 'app-private-key.pem',
  appPublicKey: 'app-public-key.pem',
  alipayPrivateKey: 'alipay-private-key.pem',
  alipayPublicKey: 'alipay-public-key.pem',
};
const NAMES = Object.keys(FILES) as (keyof AlipayKeys)[];

export function keyFile(dataDir: string, name: keyof AlipayKeys): string {
  return join(dataDir, 'alipay', FILES[name]);
}

export async function generateAlipayKeys(): Promise<AlipayKeys> {
  const [app, alipay] = await Promise.all([newPair(), newPair()]);
  return {
    appPrivateKey: app.privateKey,
    appPublicKey: app.publicKey,
    alipayPrivateKey: alipay.privateKey,
    alipayPublicKey: alipay.publicKey,
  };
}

/** The keys of the data folder, made if it has none. */
export async function keysOf(dataDir: string): Promise<AlipayKeys> {
  if (!existsSync(join(dataDir, 'alipay'))) place(dataDir, await generateAlipayKeys());
  return Object.fromEntries(NAMES.map((name) => [name, readKey(keyFile(dataDir, name))])) as Record<keyof AlipayKeys, string>;
}

function newPair(): Promise<{ publicKey: string; privateKey: string }> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/** All four files appear at once, by one rename: nobody ever reads half a key, or a private key without its public one. */
function place(dataDir: string, keys: AlipayKeys): void {
  mkdirSync(dataDir, { recursive: true });
  const draft = mkdtempSync(join(dataDir, '.alipay-'));
  for (const name of NAMES) {
    const mode = name.endsWith('PrivateKey') ? 0o600 : 0o644;
    writeFileSync(join(draft, FILES[name]), `${KEY_FILE_NOTE}\n${keys[name]}`, { mode });
  }
  try {
    renameSync(draft, join(dataDir, 'alipay'));
  } catch (cause) {
    rmSync(draft, { recursive: true });
    // Another simulator was first with the same folder: its keys are the folder's.
    if (!existsSync(join(dataDir, 'alipay'))) throw cause;
  }
}

function readKey(path: string): string {
  const text = readFileSync(path, 'utf8');
  const pem = text.slice(Math.max(0, text.indexOf('-----BEGIN')));
  try {
    if (pem.includes('PRIVATE KEY')) createPrivateKey(pem);
    else createPublicKey(pem);
  } catch (cause) {
    throw new Error(`${path} holds no key; delete its folder to have new ones made`, { cause });
  }
  return pem;
}
