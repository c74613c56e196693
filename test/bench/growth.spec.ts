import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BenchFailed } from '../../bench/failures.js';
import type { Run } from '../../bench/run.js';
import { growth } from '../../bench/scenarios/growth.js';
import { readSettings } from '../../bench/settings.js';
import { useWorld } from '../support/world.js';

describe('The benchmark of a database that has grown', () => {
  const world = useWorld();
  const dataDir = mkdtempSync(join(tmpdir(), 'growth-'));
  afterAll(() => rmSync(dataDir, { recursive: true }));

  async function refusal(args: readonly string[], env: Record<string, string> = {}): Promise<BenchFailed> {
    const settings = readSettings(['--scenario', 'growth', ...args], { DATA_DIR: dataDir, ...env });
    const measured = growth({ settings } as Run);
    await expect(measured).rejects.toThrow(BenchFailed);
    return measured.catch((error: unknown) => error as BenchFailed) as Promise<BenchFailed>;
  }

  it('says how to fill one, where there is none or an empty one', async () => {
    const url = String((world.db.options as { url?: string }).url);
    expect((await refusal([])).message).toContain('npm run bench:fill');
    expect((await refusal(['--database-url', url], { SECRETS_KEY: 'k' })).message).toContain(
      'has no orders: fill it with npm run bench:fill',
    );
  });

  it('asks for the key under which its secrets are sealed', async () => {
    expect((await refusal(['--database-url', 'postgres://localhost/filled'])).message).toMatch(/^growth: SECRETS_KEY must be/);
  });
});
