import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The first line of every key file. PEM readers skip it; a merchant's backend can tell from it that the key is a toy. */
export const KEY_FILE_NOTE = 'Suanpan simulator key: never for production';

/** A folder of keys: which PEM text, or other secret, stands in which file. */
export interface KeyFolder<Name extends string> {
  readonly folder: string;
  readonly files: Readonly<Record<Name, string>>;
}

export function keyFile<Name extends string>(dataDir: string, { folder, files }: KeyFolder<Name>, name: Name): string {
  return join(dataDir, folder, files[name]);
}

/** The keys of the data folder, made if it has none. */
export async function keysIn<Name extends string>(
  dataDir: string,
  keyFolder: KeyFolder<Name>,
  generate: () => Promise<Record<Name, string>>,
): Promise<Record<Name, string>> {
  const names = Object.keys(keyFolder.files) as Name[];
  if (!existsSync(join(dataDir, keyFolder.folder))) place(dataDir, keyFolder, await generate());
  return Object.fromEntries(names.map((name) => [name, read(keyFile(dataDir, keyFolder, name))])) as Record<Name, string>;
}

/** All files appear at once, by one rename: nobody ever reads half a key, or a private key without its public one. */
function place<Name extends string>(dataDir: string, { folder, files }: KeyFolder<Name>, keys: Readonly<Record<Name, string>>): void {
  mkdirSync(dataDir, { recursive: true });
  const draft = mkdtempSync(join(dataDir, `.${folder}-`));
  for (const name of Object.keys(files) as Name[]) {
    const mode = isSecret(keys[name]) ? 0o600 : 0o644;
    writeFileSync(join(draft, files[name]), `${KEY_FILE_NOTE}\n${keys[name]}`, { mode });
  }
  try {
    renameSync(draft, join(dataDir, folder));
  } catch (cause) {
    rmSync(draft, { recursive: true });
    // Another simulator was first with the same folder: its keys are the folder's.
    if (!existsSync(join(dataDir, folder))) throw cause;
  }
}

function isSecret(text: string): boolean {
  return !text.includes('-----BEGIN') || text.includes('PRIVATE KEY');
}

function read(path: string): string {
  const text = readFileSync(path, 'utf8');
  const content = text.slice(text.indexOf('\n') + 1);
  try {
    if (!text.startsWith(KEY_FILE_NOTE)) throw new Error('the first line is not the simulator’s');
    check(content);
  } catch (cause) {
    throw new Error(`${path} holds no key; delete its folder to have new ones made`, { cause });
  }
  return content;
}

/** What is no PEM is a short secret, or an id, on a line of its own. */
function check(content: string): void {
  if (content.includes('PRIVATE KEY')) createPrivateKey(content);
  else if (content.includes('BEGIN PUBLIC KEY')) createPublicKey(content);
  else if (content.includes('BEGIN CERTIFICATE')) new X509Certificate(content);
  else if (!/^\S+$/.test(content)) throw new Error('neither PEM nor one word');
}
