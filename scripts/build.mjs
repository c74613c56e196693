// `npm run build`: everything, compiled into `dist`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { bundle } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Answers the exit code of the compiler. */
export async function build() {
  const nest = join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const { status } = spawnSync(process.execPath, [nest, 'build'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) return status ?? 1;
  await bundle(join(root, 'dist', 'src'), join(root, 'dist', 'program'));
  return 0;
}

const [, script] = process.argv;
if (script !== undefined && import.meta.url === pathToFileURL(script).href) process.exitCode = await build();
