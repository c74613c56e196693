import { Injectable } from '@nestjs/common';

import { OrderCreated } from '../contracts/order-created.js';
import { ProductPrices, type MerchantSku, type PricedProduct } from '../contracts/product-prices.port.js';
import type { Units } from '../contracts/units.js';
import { SECOND, after } from '../kernel/clock.js';
import { DomainError } from '../kernel/domain-error.js';
import type { MerchantId } from '../kernel/ids.js';
import { money } from '../kernel/money.js';
import type { Member } from '../platform/commands/commands.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import type { OrderEntity } from './order.entity.js';
import { orderNumber, priceOrder, type PricedOrder } from './order-pricing.js';
import { OrderStore } from './order.store.js';

export interface WantedOrder {
  readonly merchantId: MerchantId;
  readonly customerId: string;
  readonly items: readonly Units[];
  readonly shippingFee: number;
  readonly shippingAddress?: Record<string, unknown>;
  readonly note?: string;
  readonly metadata?: Record<string, unknown>;
  readonly expiresInSeconds: number;
}

type Prices = ReadonlyMap<string, PricedProduct>;

/** Places orders at the catalogue's prices. Their stock is reserved in the same commit, or they are not placed. */
@Injectable()
export class PlaceOrders {
  constructor(
    private readonly prices: ProductPrices,
    private readonly store: OrderStore,
  ) {}

  /** What is wanted, at the prices of this moment. */
  pricesFor(work: UnitOfWork, members: readonly Member<WantedOrder>[]): Promise<Prices> {
    return this.prices.find(work, wantedOf(members));
  }

  presumedPricesFor(work: UnitOfWork, members: readonly Member<WantedOrder>[]): Prices | undefined {
    return this.prices.presumed(work, wantedOf(members));
  }

  /** The orders, in order. Refuses, each for itself: `unknown_sku`, `mixed_currencies`, `amount_too_large`, `nothing_due`, `insufficient_stock`. */
  place(work: UnitOfWork, members: readonly Member<WantedOrder>[], prices: Prices): OrderEntity[] {
    const orders = members.flatMap(({ id, input, request }) => {
      work.actsFor(id, request.origin);
      const priced = priceOrder(input.merchantId, input, prices);
      if (!(priced instanceof DomainError)) return [draw(id, input, priced, work.now)];
      work.refuse(id, priced);
      return [];
    });
    work.stopIfRefused();
    this.store.insert(work, orders);
    work.publish(...orders.map(created));
    return orders;
  }
}

function wantedOf(members: readonly Member<WantedOrder>[]): MerchantSku[] {
  return members.flatMap(({ input: { merchantId, items } }) => items.map(({ sku }) => ({ merchantId, sku })));
}

function draw(id: string, wanted: WantedOrder, priced: PricedOrder, now: Date): OrderEntity {
  const order = {
    id,
    merchantId: wanted.merchantId,
    number: orderNumber(id, now),
    status: 'pending_payment',
    customerId: wanted.customerId,
    currency: priced.currency,
    itemsAmount: priced.itemsAmount,
    shippingFee: wanted.shippingFee,
    amountDue: priced.amountDue,
    amountPaid: 0,
    amountRefunded: 0,
    amountRefunding: 0,
    shippingAddress: wanted.shippingAddress ?? null,
    note: wanted.note ?? null,
    metadata: wanted.metadata ?? {},
    expiresAt: after(now, wanted.expiresInSeconds * SECOND),
    createdAt: now,
    paidAt: null,
    shippedAt: null,
    completedAt: null,
    cancelledAt: null,
    cancelReason: null,
  } satisfies Omit<OrderEntity, 'lines'>;
  const none = { shippedQuantity: 0, cancelledQuantity: 0, returnedQuantity: 0 };
  return {
    ...order,
    lines: priced.lines.map((line, index) => ({ orderId: id, line: index + 1, ...line, ...none })),
  } as unknown as OrderEntity;
}

function created(order: OrderEntity): OrderCreated {
  return new OrderCreated({
    merchantId: order.merchantId,
    orderId: order.id,
    number: order.number,
    items: order.lines.map(({ sku, quantity }) => ({ sku, quantity })),
    due: money(order.amountDue, order.currency),
    expiresAt: order.expiresAt.toISOString(),
  });
}
