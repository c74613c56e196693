// The command-line aid as a newcomer runs it: what it says of itself, and of one notice as it came and as it was altered.
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, run } from './tally.mjs';

/** Public ones of Alipay's: genuine, and with another amount. */
const VECTORS = join('test', 'vectors', 'alipay', 'alipay.v2.notify-verify.json');
const GENUINE = 'alipay-notify-001';
const ALTERED = 'alipay-notify-004';

/** `scratch` is a folder of the user's own. */
export async function commandLine({ folder, scratch, user, env }) {
  // What it needs is in the clone: nothing is to be fetched.
  const offline = { ...process.env, ...env, npm_config_offline: 'true' };
  const suanpan = (...args) => run('npx', ['suanpan', ...args], { cwd: folder, ...user, env: offline });
  for (const args of [['--help'], ['verify-callback', '--help'], ['sign', '--help']]) {
    expect(/suanpan/.test(await suanpan(...args)), `${args.join(' ')} says nothing of itself`);
  }
  const { vectors } = JSON.parse(readFileSync(join(folder, VECTORS), 'utf8'));
  const home = join(scratch, 'callbacks');
  mkdirSync(home, { recursive: true });
  const verify = (id) => {
    const { inputs, keys } = vectors.find((vector) => vector.id === id);
    const [body, key] = [join(home, `${id}.body`), join(home, `${id}.pem`)];
    writeFileSync(body, new URLSearchParams(inputs.params).toString());
    writeFileSync(key, keys.alipayPublicKeyPem);
    if (user.uid !== undefined) for (const path of [home, body, key]) chownSync(path, user.uid, user.gid);
    return suanpan('verify-callback', 'alipay', '--body', body, '--key', key);
  };
  await verify(GENUINE);
  const refused = await verify(ALTERED).then(
    () => 'it believes an altered notice',
    (error) => error.message,
  );
  expect(/: exit 1$/.test(refused), refused);
}
