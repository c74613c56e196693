import { API_KEY_ID, MERCHANT_ID } from '../world/bare-database.js';
import type { Goods } from '../world/goods.js';

const ADDRESS = '{"name":"Li Lei","phone":"13800000000","address":"1 Longjing Road, Xihu, Hangzhou"}';

/** Orders of one or two lines, as the driver's, each one function call. pgbench makes them up as it goes. */
export function orderScript({ skus }: Goods, lines: 1 | 2): string {
  const prefix = (skus[0] ?? '').slice(0, -4);
  const sku = (variable: string) => `'${prefix}' || lpad(:${variable}::text, 4, '0')`;
  const [items, names, quantities] =
    lines === 2
      ? [
          `('[{"sku":"' || ${sku('a')} || '","quantity":' || :q || '},{"sku":"' || ${sku('b')} || '","quantity":' || :r || '}]')::jsonb`,
          `ARRAY[${sku('a')}, ${sku('b')}]`,
          'ARRAY[:q, :r]::int[]',
        ]
      : [`('[{"sku":"' || ${sku('a')} || '","quantity":' || :q || '}]')::jsonb`, `ARRAY[${sku('a')}]`, 'ARRAY[:q]::int[]'];
  const other =
    lines === 2
      ? `\\set c random(1, ${skus.length - 1})
\\set b case when :c >= :a then :c + 1 else :c end
\\set r random(1, 3)`
      : '';
  return `\\set a random(1, ${skus.length})
${other}
\\set q random(1, 3)
\\set u random(1, 10000)
\\set n random(1, 1000000000000000000)
SELECT bench.place_order('${MERCHANT_ID}', 'pgbench-' || :n, 'none', bench.new_id(), 'P' || :n, 'c-' || :u, ${items}, ${names}, ${quantities},
  1000, '${ADDRESS}', NULL, '{}', now(), now() + interval '1 day', bench.new_id(), bench.new_id(), bench.new_id(), 'pgbench-' || :n,
  'api_key:${API_KEY_ID}');
`;
}
