import { useWorld } from '../support/world.js';

interface Page {
  readonly data: readonly { readonly id?: string; readonly sku?: string; readonly [more: string]: unknown }[];
  readonly nextCursor: string | null;
}

describe('A list', () => {
  const world = useWorld();
  const nameOf = ({ id, sku }: Page['data'][number]) => id ?? sku;
  const page = async (path: string): Promise<Page> => {
    const answer = await world.api.get<Page>(path);
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body).sort()).toEqual(['data', 'nextCursor']);
    return answer.body;
  };
  const order = async (customerId = 'c-list'): Promise<string> => {
    const placed = await world.api.post<{ id: string }>('/v1/orders', { customerId, items: [{ sku: 'LISTED', quantity: 1 }] });
    expect(placed.status).toBe(201);
    return placed.body.id;
  };

  /** Turns the pages to the end; `between` happens after each. */
  async function walk(path: string, limit: number, between: () => Promise<unknown> = () => Promise.resolve()) {
    const seen: unknown[] = [];
    const join = path.includes('?') ? '&' : '?';
    let cursor: string | null = null;
    for (let turned = 0; turned < 50; turned += 1) {
      const { data, nextCursor }: Page = await page(
        `${path}${join}limit=${limit}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      seen.push(...data.map(nameOf));
      if (nextCursor === null) return seen;
      expect(data).toHaveLength(limit);
      cursor = nextCursor;
      await between();
    }
    throw new Error(`${path} has no end`);
  }

  beforeAll(async () => {
    for (let at = 0; at < 5; at += 1) await world.addProduct({ sku: `PAGE-${at}` });
    await world.addProduct({ sku: 'LISTED', stock: 1_000 });
  });

  it('is newest first, whole at any page size, and stable while others are added', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 7; at += 1) ids.unshift(await order());

    for (const limit of [1, 2, 3, 7, 100]) expect(await walk('/v1/orders?customerId=c-list', limit)).toEqual(ids);
    const added: string[] = [];
    const seen = await walk('/v1/orders?customerId=c-list', 2, async () => added.push(await order()));
    expect(seen).toEqual(ids);
    expect(await walk('/v1/orders?customerId=c-list', 100)).toEqual([...added.reverse(), ...ids]);
  });

  it('gives the same page for the same cursor, however often', async () => {
    const first = await page('/v1/orders?limit=2');
    const again = `/v1/orders?limit=2&cursor=${first.nextCursor}`;
    const second = await page(again);
    await order();
    expect(await page(again)).toEqual(second);
    expect(second.data.map(nameOf)).not.toEqual(expect.arrayContaining(first.data.map(nameOf)));
  });

  it('of products, movements, refunds, callbacks, API keys and a timeline turns its pages alike', async () => {
    const paid = await world.paidOrder({ sku: 'TURNED', quantity: 3 });
    for (const amount of [1, 2, 3]) await world.refund(paid, { amount });
    await world.payer.notifies(paid.attempt, { times: 3 });
    await world.settle();
    for (const name of ['a', 'b']) await world.api.post('/v1/api-keys', { name, scopes: ['orders:read'] });
    for (const path of [
      '/v1/products',
      '/v1/inventory/LISTED/movements',
      `/v1/orders/${paid.id}/refunds`,
      '/v1/callbacks',
      '/v1/api-keys',
      `/v1/orders/${paid.id}/timeline`,
    ]) {
      const whole = await page(`${path}?limit=100`);
      expect(whole.nextCursor).toBeNull();
      expect(whole.data.length).toBeGreaterThanOrEqual(3);
      expect(new Set(whole.data.map(nameOf)).size).toBe(whole.data.length);
      expect(await walk(path, 1)).toEqual(whole.data.map(nameOf));
      expect(await walk(path, 2)).toEqual(whole.data.map(nameOf));
      const times = whole.data.map((entry) => String(entry.createdAt ?? entry.receivedAt ?? entry.occurredAt));
      expect(times).toEqual(
        [...times].sort((left, right) => (path.endsWith('timeline') ? (left < right ? -1 : 1) : left < right ? 1 : left > right ? -1 : 0)),
      );
    }
  });

  it('of orders is narrowed down by status, customer and time, alone and together', async () => {
    world.clock.advance(60_000);
    const from = world.clock.now().toISOString();
    const [one, two] = [await order('c-filter'), await order('c-filter')];
    world.clock.advance(60_000);
    const between = world.clock.now().toISOString();
    const three = await order('c-filter');
    await world.api.post(`/v1/orders/${two}/cancel`, {});
    await world.settle();
    const found = async (query: string) => (await page(`/v1/orders?customerId=c-filter&${query}`)).data.map(nameOf);

    expect(await found('')).toEqual([three, two, one]);
    expect(await found('status=cancelled')).toEqual([two]);
    expect(await found('status=pending_payment')).toEqual([three, one]);
    expect(await found('status=completed')).toEqual([]);
    expect(await found(`createdFrom=${from}`)).toEqual([three, two, one]);
    expect(await found(`createdFrom=${between}`)).toEqual([three]);
    expect(await found(`createdTo=${between}`)).toEqual([two, one]);
    expect(await found(`createdFrom=${from}&createdTo=${between}&status=pending_payment`)).toEqual([one]);
    // The same instant in Beijing.
    const beijing = `${new Date(Date.parse(between) + 8 * 60 * 60_000).toISOString().slice(0, 19)}%2B08:00`;
    expect(await found(`createdFrom=${beijing}`)).toEqual([three]);
    expect(await walk('/v1/orders?customerId=c-filter&status=pending_payment', 1)).toEqual([three, one]);
    expect((await page('/v1/orders?customerId=c-nobody')).data).toEqual([]);
    const cancelled = await page('/v1/orders?status=cancelled&limit=100');
    expect(cancelled.data.map(({ status }) => status)).toEqual(cancelled.data.map(() => 'cancelled'));
  });
});
