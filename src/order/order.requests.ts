import {
  AmountField,
  ChoiceField,
  InstantField,
  IntegerField,
  JsonObjectField,
  ListField,
  SkuField,
  TextField,
} from '../platform/http/fields.js';
import { PageQuery } from '../platform/http/paging.js';
import { ORDER_STATUSES, type OrderStatus } from './order-status.js';

const LONGEST_EXPIRY_SECONDS = 15 * 24 * 60 * 60;

/** Units of one SKU in a request. */
export class UnitsBody {
  @SkuField({ description: 'The SKU.', example: 'SAMPLE-TEA' })
  readonly sku!: string;

  @IntegerField({ description: 'How many.', example: 2, min: 1, max: 9999 })
  readonly quantity!: number;
}

export class PlaceOrderBody {
  @TextField({ description: 'Your own name for the customer.', example: 'c-1001', max: 100 })
  readonly customerId!: string;

  @ListField<UnitsBody>(() => UnitsBody, {
    description: 'What is ordered, each SKU once. Prices are the catalogue’s at that moment.',
    min: 1,
    max: 100,
    unique: ({ sku }) => sku,
  })
  readonly items!: UnitsBody[];

  @AmountField({ description: 'In minor units.', example: 1000, optional: true })
  readonly shippingFee: number = 0;

  @JsonObjectField({
    description: 'Where to, in your own shape.',
    example: { name: '李雷', phone: '13800000000', address: '杭州市西湖区龙井路 1 号' },
    optional: true,
  })
  readonly shippingAddress?: Record<string, unknown>;

  @TextField({ description: 'A remark for whoever packs it.', example: 'gift wrap', max: 500, min: 0, optional: true })
  readonly note?: string;

  @JsonObjectField({ description: 'Your own data: kept and given back, never read.', example: { channel: 'web' }, optional: true })
  readonly metadata?: Record<string, unknown>;

  @IntegerField({
    description: 'Seconds until the order is cancelled by itself if nobody pays.',
    example: 1800,
    min: 1,
    max: LONGEST_EXPIRY_SECONDS,
    optional: true,
  })
  readonly expiresInSeconds: number = 1800;
}

export class CancelOrderBody {
  @TextField({ description: 'Why; it is kept with the order.', example: 'customer changed their mind', max: 200, optional: true })
  readonly reason?: string;
}

export class ShipOrderBody {
  @TextField({ description: 'Who carries it.', example: 'SF Express', max: 100 })
  readonly carrier!: string;

  @TextField({ description: "The carrier's number.", example: 'SF1234567890', max: 100 })
  readonly trackingNumber!: string;

  @ListField<UnitsBody>(() => UnitsBody, {
    description: 'What is in it; all that is left where absent.',
    example: [{ sku: 'SAMPLE-TEA', quantity: 1 }],
    min: 1,
    max: 100,
    unique: ({ sku }) => sku,
    optional: true,
  })
  readonly items?: UnitsBody[];
}

export class ListOrdersQuery extends PageQuery {
  @ChoiceField({ description: 'Only orders that stand here.', of: ORDER_STATUSES, optional: true })
  readonly status?: OrderStatus;

  @TextField({ description: 'Only orders of this customer.', max: 100, optional: true })
  readonly customerId?: string;

  @InstantField({ description: 'Only orders placed at this time or later.', optional: true })
  readonly createdFrom?: string;

  @InstantField({ description: 'Only orders placed before this time.', optional: true })
  readonly createdTo?: string;
}
