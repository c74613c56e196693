import { randomBytes } from 'node:crypto';

import { Client } from 'pg';

import { createSimulator, type SimulatorKeys } from '../../simulator/server.js';
import { loadConfig } from '../../src/config.js';
import { Init1760000000000 } from '../../src/migrations/1760000000000-init.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { startProgram } from '../../src/program.js';
import { createDatabase } from '../support/databases.js';
import { simulatedAccounts } from '../support/world.js';

describe('A database with very many attempts from before there were accounts', () => {
  it('is brought up to date by the first start', async () => {
    const database = await createDatabase({ empty: true });
    await migrate(database.url, [Init1760000000000]);
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const simulator = await createSimulator({ keys: JSON.parse(process.env.TEST_SIMULATOR_KEYS ?? '{}') as SimulatorKeys });
    try {
      await client.query(`
        INSERT INTO payments (id, order_id, order_number, merchant_id, status, amount, currency, attempts, expires_at, created_at)
          VALUES (gen_random_uuid(), gen_random_uuid(), 'n', gen_random_uuid(), 'requires_payment', 100, 'CNY', 1, now(), now());
        INSERT INTO payment_attempts (id, payment_id, order_id, merchant_id, number, gateway, method, out_trade_no, status, amount, currency, expires_at, created_at)
          SELECT gen_random_uuid(), id, order_id, merchant_id, 1, 'alipay', 'page', 'old', 'closed', 100, 'CNY', now(), now() FROM payments;
        -- A million rows take more than the 30 s that a statement may take else. Instead of making them, this looks at the limit.
        CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF current_setting('statement_timeout') <> '0' THEN RAISE EXCEPTION 'would be cancelled after %', current_setting('statement_timeout'); END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER take_long BEFORE UPDATE ON payment_attempts FOR EACH ROW EXECUTE FUNCTION take_long();`);
      const config = loadConfig({ PORT: '0', LOG_LEVEL: 'silent', BOOTSTRAP_API_KEY: `sk_test_${'a'.repeat(32)}` });
      const program = await startProgram({
        ...config,
        databaseUrl: database.url,
        gatewayAccounts: simulatedAccounts(simulator),
        secretsKeys: [randomBytes(32)],
      });
      await program.stop();
      expect((await client.query('SELECT 1 FROM payment_attempts WHERE account_id IS NULL')).rowCount).toBe(0);
    } finally {
      await simulator.close();
      await client.end();
      await database.drop();
    }
  });
});
