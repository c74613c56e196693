import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { BareSettings } from '../baseline/main.js';
import { Child } from '../world/child.js';
import { answers, freePort } from '../world/ports.js';

const PROGRAM = fileURLToPath(new URL('../baseline/main.js', import.meta.url));

/** The limit over HTTP: node:http and pg, one function call a request. */
export class BareServer {
  private constructor(
    private readonly child: Child,
    readonly url: string,
  ) {}

  static async start(at: Omit<BareSettings, 'port'> & { folder: string }): Promise<BareServer> {
    const { folder, ...settings } = at;
    const port = await freePort();
    const child = Child.start('the bare server', [PROGRAM, JSON.stringify({ ...settings, port } satisfies BareSettings)], {
      cwd: folder,
      log: join(folder, 'bare-server.log'),
      env: { NODE_ENV: 'production' },
    });
    const url = `http://127.0.0.1:${port}`;
    await answers(`${url}/health/ready`, child);
    return new BareServer(child, url);
  }

  get pid(): number {
    return this.child.pid;
  }

  assertAlive(): void {
    this.child.assertAlive();
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}
