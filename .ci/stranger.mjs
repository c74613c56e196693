// The same as an ordinary user, where root can become one: in a copy of the checkout that is theirs.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { check, note } from './tally.mjs';

const NOBODY = { uid: 65_534, gid: 65_534 };
const LEFT_BEHIND = new Set(['.git', '.data', 'dist', 'coverage', 'node_modules']);

export async function stranger(smoke) {
  if (process.getuid?.() !== 0) return note('as another user: left out, this is an ordinary user already');
  if (spawnSync('true', [], NOBODY).status !== 0) return note('as another user: left out, this root may not become one');
  const home = mkdtempSync(join(tmpdir(), 'suanpan-stranger-'));
  const folder = join(home, 'suanpan');
  try {
    const copied = await check('another user: a copy of the checkout', () => {
      chmodSync(home, 0o755);
      mkdirSync(folder);
      for (const entry of readdirSync('.')) {
        if (!LEFT_BEHIND.has(entry)) cpSync(entry, join(folder, entry), { recursive: true, verbatimSymlinks: true });
      }
      execFileSync('chown', ['-R', `${NOBODY.uid}:${NOBODY.gid}`, home]);
      // Where everybody may read what root has installed, it is the same files, and not theirs to write.
      const isReadable = (statSync('node_modules').mode & 0o5) === 0o5;
      if (isReadable && spawnSync('cp', ['-a', '--link', 'node_modules', folder]).status === 0) return;
      execFileSync('cp', ['-a', 'node_modules', folder]);
      execFileSync('chown', ['-R', `${NOBODY.uid}:${NOBODY.gid}`, home]);
    });
    if (copied) await smoke('another user', { folder, user: NOBODY, env: { HOME: home, npm_config_cache: join(home, '.npm') } });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
