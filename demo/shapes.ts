// What the story reads of the API's answers. Amounts are in fen.

export interface Units {
  readonly sku: string;
  readonly quantity: number;
}

export interface Order {
  readonly id: string;
  readonly number: string;
  readonly status: string;
  readonly paymentStatus: string;
  readonly items: readonly (Units & {
    readonly shippedQuantity: number;
    readonly cancelledQuantity: number;
    readonly returnedQuantity: number;
  })[];
  readonly shippingFee: number;
  readonly amountDue: number;
  readonly amountPaid: number;
  readonly amountRefunded: number;
  readonly cancelReason: string | null;
}

export type PayerAction =
  | { readonly type: 'redirect'; readonly url: string }
  | { readonly type: 'qr_code'; readonly codeUrl: string }
  | { readonly type: 'form'; readonly url: string; readonly fields: Readonly<Record<string, string>> };

export interface Attempt {
  readonly id: string;
  readonly gateway: string;
  readonly outTradeNo: string;
  readonly status: string;
  readonly action: PayerAction | null;
  readonly usedAs: string | null;
}

export interface Refund {
  readonly id: string;
  /** The attempt that it gives back. */
  readonly paymentId: string;
  readonly kind: string;
  readonly status: string;
  readonly amount: number;
  readonly reason: string;
}

export interface Stock {
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
}

export interface Movement {
  readonly kind: string;
  readonly onHandDelta: number;
  readonly reservedDelta: number;
}

export interface TimelineEvent {
  readonly type: string;
  readonly label: { readonly en: string };
  readonly actor: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Callback {
  readonly verdict: string;
  readonly effect: string;
}

export interface Page<Item> {
  readonly data: readonly Item[];
  readonly nextCursor: string | null;
}

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly refundable?: number;
}

/** A trade in the gateway's own books. */
export interface Trade {
  readonly outTradeNo: string;
  readonly state: string;
  readonly paidAmount: number;
  readonly refundedAmount: number;
}
