import { generateKeyPairSync } from 'node:crypto';

import { newId } from '../../src/kernel/ids.js';
import { SECOND } from '../../src/kernel/clock.js';
import { loadConfig } from '../../src/config.js';
import { GatewayAccounts } from '../../src/payment/accounts/gateway-accounts.js';
import { Transactions } from '../../src/platform/events/transactions.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { migrations } from '../../src/migrations/index.js';
import { simulatedAccounts, useWorld } from '../support/world.js';

const origin = { correlationId: newId(), causationId: null, actor: 'test' };
const PATH = '/v1/admin/gateway-accounts';

describe('What the environment says', () => {
  const world = useWorld();

  it('counts again when it says what it said before: A, then B, then A', async () => {
    const [merchant] = await world.db.query<{ id: string }[]>('SELECT id FROM merchants ORDER BY id LIMIT 1');
    const alipay = simulatedAccounts(world.simulator).find(({ gateway }) => gateway === 'alipay');
    if (!alipay) throw new Error('there is one');
    const start = (appId: string) =>
      world.app
        .get(Transactions)
        .run(origin, (work) =>
          world.app.get(GatewayAccounts).configure(work, merchant?.id ?? '', { gateway: 'alipay', fields: { ...alipay.fields, appId } }),
        );
    const usual = async () =>
      (await world.db.query<{ identity: string }[]>(`SELECT identity FROM gateway_accounts WHERE gateway = 'alipay' AND is_default`))[0]
        ?.identity;
    const a = alipay.fields.appId ?? '';
    expect(await usual()).toBe(a);
    await start('2021000000000042');
    expect(await usual()).toBe('2021000000000042');
    await start(a);
    expect(await usual()).toBe(a);
  });
});

describe('An attempt that a process of the former version started while the new one ran already', () => {
  const world = useWorld();

  it('is paid when its payer pays', async () => {
    const order = await world.placeOrder({ sku: 'ROLLING' });
    const attempt = await world.startPayment(order);
    // As the former version writes it, which does not know the column.
    const columns = `id, payment_id, order_id, merchant_id, number, gateway, method, out_trade_no, status, amount, currency, action,
                     asked, ask_at, close_requested, expires_at, created_at`;
    await world.db.query(
      `WITH gone AS (DELETE FROM payment_attempts WHERE id = $1 RETURNING *)
       INSERT INTO payment_attempts (${columns}) SELECT ${columns} FROM gone`,
      [attempt.id],
    );
    const { notices } = await world.payer.pays(attempt);
    await world.passTime(60 * SECOND);
    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment' });
    expect(notices).toMatchObject([{ body: 'success' }]);
  });
});

describe('A key in the wrong place', () => {
  const world = useWorld();
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const inner = privateKey.split('\n')[3] ?? '';

  it('is not repeated by the line that stops the start', () => {
    const bare = privateKey.replace(/-----[^-]+-----|\n/g, '');
    for (const pasted of [privateKey, bare]) {
      let said = '';
      try {
        loadConfig({ WECHATPAY_PRIVATE_KEY_FILE: pasted });
      } catch (error) {
        said = String(error);
      }
      expect(said).toContain('WECHATPAY_PRIVATE_KEY_FILE');
      expect(said.includes(inner)).toBe(false);
    }
  });

  it('is neither shown nor stored in the clear', async () => {
    const { rootCertificate } = world.simulator.unionpay;
    const unionpay = simulatedAccounts(world.simulator).find(({ gateway }) => gateway === 'unionpay');
    const settings = { ...unionpay?.fields, merId: '777290000000099', rootCertificate: `${rootCertificate}\n${privateKey}` };
    const added = await world.api.post(PATH, { gateway: 'unionpay', name: 'n', settings });
    const listed = await world.api.get(PATH);
    const [stored] = await world.db.query<{ rows: string }[]>('SELECT string_agg(settings::text, chr(10)) AS rows FROM gateway_accounts');
    expect(JSON.stringify([added.body, listed.body, stored]).includes(inner)).toBe(false);
  });

  it('is not shown by the inbox, even where it came as a value of a form', async () => {
    const own = world.simulator.alipay.appPrivateKey;
    const line = new URLSearchParams({ v: own.split('\n')[3] ?? '' }).toString().slice(2);
    await fetch(`${world.api.url}/v1/callbacks/alipay/payments`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ note: own }).toString(),
    });
    const [last] = (await world.api.get<{ data: { id: string }[] }>('/v1/callbacks')).body.data;
    const read = await world.api.get<{ body: string }>(`/v1/callbacks/${last?.id ?? ''}`);
    expect(read.body.body.includes(line)).toBe(false);
  });
});

describe('A migration that takes long', () => {
  const world = useWorld();

  it('holds up no change of an account', async () => {
    const [account] = (await world.api.get<{ data: { id: string }[] }>(PATH)).body.data;
    let answered: unknown = 'not in time';
    class Long1999999999999 {
      readonly name = 'Long1999999999999';
      async up(): Promise<void> {
        const change = world.api.patch(`${PATH}/${account?.id ?? ''}`, { name: 'changed meanwhile' }).then(({ status }) => status);
        const late = new Promise((resolve) => setTimeout(() => resolve('not in time'), 20_000));
        answered = await Promise.race([change, late]);
      }
      async down(): Promise<void> {
        await Promise.resolve();
      }
    }
    await migrate(world.database.url, [...migrations, Long1999999999999]);
    expect(answered).toBe(200);
  });
});
