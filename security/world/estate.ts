import { must } from '../findings.js';
import type { Operation } from './api-document.js';
import type { Scene } from './scene.js';

/** One of everything of the first merchant's that an address can name, by the beginning of the address. */
export type Estate = readonly (readonly [route: RegExp, name: string])[];

export async function estateOf(scene: Scene): Promise<Estate> {
  const open = await scene.openOrder();
  const paid = await scene.paidOrder();
  const refund = await scene.shop.post(`/v1/orders/${paid.id}/refunds`, { amount: 1, reason: 'a part' });
  await scene.gateways.pays((await scene.openOrder()).attempt, { amount: 1 });
  const [callback] = await scene.books.rows<{ id: string }>('SELECT id FROM callbacks WHERE order_id = $1', [paid.id]);
  const [discrepancy] = await scene.books.rows<{ id: string }>('SELECT id FROM discrepancies ORDER BY id DESC LIMIT 1');
  const [account] = await scene.books.rows<{ id: string }>('SELECT id FROM gateway_accounts ORDER BY id LIMIT 1');
  const { id: key } = await scene.keyWith(['orders:read']);
  return [
    [/\{sku\}/, open.sku],
    [/^\/v1\/orders\/\{id\}\/(?:refunds|shipments|complete)/, paid.id],
    [/^\/v1\/orders\/\{id\}/, open.id],
    [/^\/v1\/payments\//, open.attempt.id],
    [/^\/v1\/refunds\//, String(refund.body?.id)],
    [/^\/v1\/callbacks\/\{id\}/, callback?.id ?? ''],
    [/^\/v1\/discrepancies\//, discrepancy?.id ?? ''],
    [/^\/v1\/api-keys\//, key ?? ''],
    [/^\/v1\/admin\/gateway-accounts\//, account?.id ?? ''],
    [/^\/v1\/admin\/jobs\//, '1'],
    [/^\/v1\/callbacks\/\{gateway\}/, 'alipay/payments'],
  ];
}

/** The operation's address, for what the estate has. */
export function addressOf(estate: Estate, { route }: Operation, instead?: string): string {
  if (!route.includes('{')) return route;
  const name = instead ?? estate.find(([pattern]) => pattern.test(route))?.[1];
  must(name !== undefined && name !== '', `nothing is known that ${route} could name`);
  return route.replace('{gateway}/{topic}', '{id}').replace(/\{\w+\}/, name);
}
