import type { Instant } from '../../kernel/clock.js';
import type { Money } from '../../kernel/money.js';

export const GATEWAY_NAMES = ['alipay', 'wechatpay', 'unionpay'] as const;
export type GatewayName = (typeof GATEWAY_NAMES)[number];

export function isGatewayName(name: string): name is GatewayName {
  return GATEWAY_NAMES.some((known) => known === name);
}

/** One try at a gateway, by what both sides know it by. */
export interface AttemptRef {
  /** Our number, unique at the gateway for ever: at most 32 letters and digits. */
  readonly outTradeNo: string;
  /** The gateway's own number, once it has told us. */
  readonly gatewayRef?: string;
  /** When it was started. For UnionPay this is a part of its name, so it never changes. */
  readonly startedAt: Date;
  /** Until when it can be paid. */
  readonly expiresAt: Date;
}

/** What some methods must know of the payer. */
export type PayerDetail = 'clientIp' | 'openId';

/** One try at a gateway, as the gateway needs to hear of it. */
export interface AttemptRequest extends AttemptRef {
  readonly method: string;
  readonly amount: Money;
  /** What the payer reads. */
  readonly subject: string;
  readonly notifyUrl: string;
  readonly returnUrl?: string;
  readonly clientIp?: string;
  readonly openId?: string;
}

export interface RefundRef extends AttemptRef {
  /** Our number of the refund: 32 to 34 letters and digits. The same number is the same refund, however often it is sent. */
  readonly refundNo: string;
  readonly amount: Money;
  /** When this number was first sent. For UnionPay this is a part of the refund's name. */
  readonly sentAt: Date;
}

export interface RefundRequest extends RefundRef {
  /** What the attempt was paid with in all: some gateways want it said again. */
  readonly paid: Money;
  readonly paidAt: Date;
  readonly reason: string;
  readonly notifyUrl: string;
}

/** What the payer must do next. */
export type PayerAction =
  | { readonly type: 'redirect'; readonly url: string }
  | { readonly type: 'qr_code'; readonly codeUrl: string }
  | { readonly type: 'form'; readonly url: string; readonly fields: Readonly<Record<string, string>> }
  | { readonly type: 'sdk'; readonly params: Readonly<Record<string, string>> };

/**
 * What the outside did.
 *
 * - `succeeded`: the money moved; `settled` is the whole amount of the trade (or of the refund), for us to compare.
 * - `pending`: the gateway knows of it and has not decided.
 * - `declined`: a final no; nothing moved and nothing will under this number.
 * - `closed`: it can no longer be paid. Of a refund: the gateway ended it, and nothing moved.
 * - `returned`: it was paid, and all of its money has gone back.
 * - `never_happened`: the gateway has never heard of it.
 * - `not_now`: nothing was done, and it can be asked again later (its rate limit, an empty merchant balance, a gateway that is
 *   left in peace because it has been failing).
 * - `unknown`: no answer that settles anything. Ask again; never read it as failure.
 */
export type Outcome =
  | { readonly kind: 'succeeded'; readonly gatewayRef: string; readonly settled: Money; readonly at: Date }
  | { readonly kind: 'pending' }
  | { readonly kind: 'declined'; readonly reason: string }
  | { readonly kind: 'closed' }
  | { readonly kind: 'returned'; readonly gatewayRef: string; readonly settled: Money }
  | { readonly kind: 'never_happened' }
  | { readonly kind: 'not_now'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly cause: string };

export type PayOutcome = { readonly kind: 'action'; readonly action: PayerAction } | Exclude<Outcome, { kind: 'never_happened' }>;

/** A callback as it came: the bytes are kept, because the signature is over them. Header names are lower case. */
export interface RawCallback {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly receivedAt: Date;
}

/**
 * A callback whose signature and addressee were found right. What it says must still be held against the attempt. It names the
 * attempt by `outTradeNo`, or at least the refund by `refundNo`.
 */
export interface Notice {
  readonly kind: 'notice';
  /** The gateway's own id of this message, the same when it sends the message again. */
  readonly noticeId: string;
  readonly outTradeNo?: string;
  /** Our refund number, where the notice is about a refund and says so. */
  readonly refundNo?: string;
  readonly gatewayRef: string;
  /**
   * `about_refund` says that something became of a refund: what, is for a question of ours to find out. `ignored` is a message that
   * settles nothing, such as "the buyer opened the cashier".
   */
  readonly says: 'paid' | 'closed' | 'about_refund' | 'ignored';
  /** The whole amount of the trade where it says `paid`. */
  readonly amount: Money;
  readonly at: Instant;
}

/**
 * - `malformed`: it is not what this gateway sends.
 * - `bad_signature`: missing, or not of these bytes by a key of the gateway.
 * - `expired`: signed too long ago, or for a time to come.
 * - `unknown_key`: signed by a key that we do not know.
 * - `untrusted_certificate`: it brings a certificate that does not lead to the gateway.
 * - `undecryptable`: what it carries was not encrypted for us.
 * - `wrong_app`, `wrong_merchant`: genuine, and for somebody else.
 */
export const REJECTION_VERDICTS = [
  'malformed',
  'bad_signature',
  'expired',
  'unknown_key',
  'untrusted_certificate',
  'undecryptable',
  'wrong_app',
  'wrong_merchant',
] as const;
export type RejectionVerdict = (typeof REJECTION_VERDICTS)[number];

/** A callback that is not to be believed. What it claims is kept for the operator, and nothing else. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly verdict: RejectionVerdict;
  readonly reason: string;
  readonly outTradeNo?: string;
}

/** The bytes a gateway expects as the answer to its callback. */
export interface CallbackAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** `maybe`: by a key that the account does not know yet, and could ask for. */
export type Claim = 'yes' | 'maybe' | 'no';

/**
 * Whether a gateway is being called: `resting` after too many failures in a row, `probing` once it has rested and one call may find
 * out whether it is back.
 */
export type Reachability = 'reachable' | 'resting' | 'probing';

/**
 * One account at one payment provider, spoken to in our words.
 *
 * Units: integer minor units; an adapter whose provider counts in yuan converts at its own edge, by string.
 * Errors: a declining, unreachable or contradictory provider is an `Outcome`, never an exception. `unknown` means
 *   "ask again with `query`", and must not be read as failure.
 * Retries: our number is the provider's merchant order number, so every method may be repeated safely.
 * Source: docs/gateways/<name>.md names the provider's page behind each field.
 */
export interface PaymentGateway {
  readonly name: GatewayName;
  /** The payment methods it offers, in the words of the API. */
  readonly methods: readonly string[];
  readonly acknowledged: CallbackAnswer;
  readonly refused: CallbackAnswer;
  /**
   * True where a refund is known by the time of its sending as well, so that one which has to be sent again long after needs a new
   * time, and is another refund then.
   */
  readonly namesRefundsByTime: boolean;
  /** What a method must be told about the payer. */
  needs(method: string): readonly PayerDetail[];
  /** True where `pay` only signs and calls nobody, so that it may be done within the request that starts it. */
  signsOnly(method: string): boolean;
  pay(attempt: AttemptRequest): Promise<PayOutcome>;
  query(attempt: AttemptRef): Promise<Outcome>;
  /** `succeeded` when it turns out to be paid, `never_happened` when the payer never opened it. */
  close(attempt: AttemptRef): Promise<Outcome>;
  refund(refund: RefundRequest): Promise<Outcome>;
  queryRefund(refund: RefundRef): Promise<Outcome>;
  /** Whether a callback says, so far unproven, that it is for this account. Cheap, calls nobody, and never throws. */
  claims(callback: RawCallback): Claim;
  /** Verifies the signature over the raw bytes before it believes anything they say. Never throws. */
  readCallback(callback: RawCallback): Promise<Notice | Rejected>;
  reachability(): Reachability;
  /** Ends its connections. */
  disconnect(): Promise<void>;
}
