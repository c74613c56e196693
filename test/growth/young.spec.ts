import { Client } from 'pg';

import { captureStatements, eachOnce } from '../../bench/explain/capture.js';
import { HOUR } from '../../src/kernel/clock.js';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { WAYS, useWorld } from '../support/world.js';

/** Nobody wants these planned for a large table: what the library for jobs asks by itself, and what looks at the parts of a table. */
const NOT_OURS = /graphile_worker|pg_inherits|_default\b/;

describe('In a database that is young', () => {
  const world = useWorld();

  async function buyAndReturn(): Promise<void> {
    const paid = await world.paidOrder({ sku: 'YOUNG', quantity: 3, stock: 100 });
    await world.api.post(`/v1/orders/${paid.id}/shipments`, { carrier: 'SF Express', trackingNumber: 'SF1' }, { idempotencyKey: 'young' });
    await world.refund(paid, { amount: 500, restock: [{ sku: 'YOUNG', quantity: 1 }] });
    await world.settle();
    const unpaid = await world.placeOrder({ sku: 'YOUNG-2' });
    await world.startPayment(unpaid, WAYS.wechatpay);
    await world.api.post(`/v1/orders/${unpaid.id}/cancel`, {});
    await world.passTime(HOUR);
  }

  async function readingWhole(options: string, texts: readonly string[]): Promise<string[]> {
    const client = new Client({ connectionString: world.database.url, options });
    await client.connect();
    const found: string[] = [];
    for (const text of texts) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN) ${text}`);
      if (rows.some((row) => row['QUERY PLAN'].includes('Seq Scan'))) found.push(text);
    }
    await client.end();
    return found;
  }

  it('what is planned once is planned as it has to be a minute later', async () => {
    const statements = await captureStatements(buyAndReturn);
    const named = statements.filter(({ text, isNamed }) => isNamed && !NOT_OURS.test(text));
    const texts = eachOnce(named).map(({ text }) => text);
    expect(texts.length).toBeGreaterThan(30);

    expect(await readingWhole(dataSourceOptions({ url: '' }).extra.options, texts)).toEqual([]);
    // Which the planner would not do by itself.
    expect((await readingWhole('', texts)).length).toBeGreaterThan(0);
  }, 60_000);
});
