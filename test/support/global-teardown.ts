import { rmSync } from 'node:fs';

import type { TestServer } from './global-setup.js';

export default async function globalTeardown(): Promise<void> {
  const { testServer } = globalThis as { testServer?: TestServer };
  if (!testServer) return;
  await testServer.postgres.stop();
  rmSync(testServer.dir, { recursive: true, force: true });
}
