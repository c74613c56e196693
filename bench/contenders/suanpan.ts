import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { BenchFailed } from '../failures.js';
import { Child } from '../world/child.js';
import { nameOf, type Goods } from '../world/goods.js';
import type { Keys } from '../world/keys.js';
import { answers, freePort } from '../world/ports.js';

/** As docs/operations.md has it. */
const NODE_FLAGS = ['--max-semi-space-size=64', '--heap-growing-percent=200'];
const PROGRAM = fileURLToPath(new URL('../../program/main.js', import.meta.url));

/** This program as a user runs it in production: compiled, its settings in the environment. */
export class Suanpan {
  private constructor(
    private readonly child: Child,
    readonly url: string,
    private readonly apiKey: string,
  ) {}

  static async start(at: {
    databaseUrl: string;
    folder: string;
    keys: Keys;
    gatewayUrl: string;
    processes: number | undefined;
    /** Of the log's file. */
    name?: string;
  }): Promise<Suanpan> {
    const { keys } = at;
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const child = Child.start('the program', [...NODE_FLAGS, PROGRAM], {
      cwd: at.folder,
      log: join(at.folder, `${at.name ?? 'suanpan'}.log`),
      env: {
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        PORT: String(port),
        PUBLIC_URL: url,
        DATABASE_URL: at.databaseUrl,
        BOOTSTRAP_API_KEY: keys.apiKey,
        SECRETS_KEY: keys.secretsKey,
        ALIPAY_GATEWAY_URL: at.gatewayUrl,
        INNER_GATEWAY_HOSTS: new URL(at.gatewayUrl).hostname,
        ALIPAY_APP_ID: keys.appId,
        ALIPAY_SELLER_ID: keys.sellerId,
        ALIPAY_PRIVATE_KEY_FILE: keys.applicationKeyFile,
        ALIPAY_PUBLIC_KEY_FILE: keys.alipayPublicKeyFile,
        // Counted as ever, and never reached.
        RATE_LIMIT_PER_MINUTE: '100000000',
        DATA_DIR: at.folder,
        ...(at.processes === undefined ? {} : { WEB_CONCURRENCY: String(at.processes) }),
      },
    });
    await answers(`${url}/health/ready`, child);
    return new Suanpan(child, url, keys.apiKey);
  }

  get pid(): number {
    return this.child.pid;
  }

  assertAlive(): void {
    this.child.assertAlive();
  }

  /** Adds what is sold, through the API, where it is not sold already. */
  async sell({ skus, price, stock }: Goods): Promise<void> {
    for (const sku of skus) {
      const answer = await fetch(`${this.url}/v1/products`, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ sku, name: nameOf(sku), price, stock }),
      });
      const text = await answer.text();
      if (answer.status !== 201 && !text.includes('"sku_exists"')) throw new BenchFailed(`POST /v1/products: ${answer.status} ${text}`);
    }
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}
