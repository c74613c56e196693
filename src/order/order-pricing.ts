import { merchantSkuKey, type PricedProduct } from '../contracts/product-prices.port.js';
import type { Units } from '../contracts/units.js';
import { beijingTime } from '../kernel/clock.js';
import { DomainError, impossible } from '../kernel/domain-error.js';
import type { MerchantId, OrderId } from '../kernel/ids.js';
import { MAX_AMOUNT, sum, type Currency } from '../kernel/money.js';

export interface PricedLine extends Units {
  readonly name: string;
  readonly unitPrice: number;
  readonly amount: number;
}

export interface PricedOrder {
  readonly lines: readonly PricedLine[];
  readonly currency: Currency;
  readonly itemsAmount: number;
  readonly amountDue: number;
}

/** What an order costs at the catalogue's present prices, or the rule that says it cannot be placed. */
export function priceOrder(
  merchantId: MerchantId,
  wanted: { readonly items: readonly Units[]; readonly shippingFee: number },
  prices: ReadonlyMap<string, PricedProduct>,
): PricedOrder | DomainError {
  const priced = wanted.items.map(({ sku, quantity }) => ({ sku, quantity, product: prices.get(merchantSkuKey({ merchantId, sku })) }));
  const unknown = priced.filter(({ product }) => product === undefined).map(({ sku }) => sku);
  if (unknown.length > 0) {
    return impossible('unknown_sku', `Not in your catalogue: ${unknown.join(', ')}. Add it with POST /v1/products.`, { skus: unknown });
  }
  const lines = priced.flatMap(({ sku, quantity, product }) =>
    product ? [{ sku, quantity, name: product.name, unitPrice: product.price, amount: product.price * quantity }] : [],
  );
  const currencies = [...new Set(priced.map(({ product }) => product?.currency ?? ''))];
  const [currency] = currencies;
  if (currency === undefined || currencies.length > 1) {
    return impossible('mixed_currencies', `The products are priced in ${currencies.join(' and ')}. Place one order for each.`);
  }
  // Each by itself first: a hundred lines at their limits would leave the safe integers.
  if (lines.some(({ amount }) => amount > MAX_AMOUNT)) return tooLarge();
  const itemsAmount = sum(lines.map(({ amount }) => amount));
  const amountDue = itemsAmount + wanted.shippingFee;
  if (amountDue > MAX_AMOUNT) return tooLarge();
  if (amountDue === 0) return impossible('nothing_due', 'The order comes to 0: there would be nothing to pay.');
  return { lines, currency, itemsAmount, amountDue };
}

const tooLarge = () => impossible('amount_too_large', `The order comes to more than ${MAX_AMOUNT}, which is the most.`);

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A number that people can read out: the day in Beijing, and 60 random bits of the order's id. */
export function orderNumber(id: OrderId, placedAt: Date): string {
  let bits = BigInt(`0x${id.replaceAll('-', '').slice(17)}`);
  let text = '';
  for (let digit = 0; digit < 12; digit += 1) {
    text = `${CROCKFORD[Number(bits & 31n)]}${text}`;
    bits >>= 5n;
  }
  return `${beijingTime(placedAt).slice(0, 10).replaceAll('-', '')}${text}`;
}
