import type { KeyObject } from 'node:crypto';
import { assert, required } from '../../../kernel/assert.js';
import type { Clock } from '../../../kernel/clock.js';
import type {
  AttemptRef,
  AttemptRequest,
  CallbackAnswer,
  Notice,
  Outcome,
  PayerAction,
  PaymentGateway,
  PayOutcome,
  RawCallback,
  RefundRef,
  RefundRequest,
  Rejected,
} from '../gateway.js';
import { toYuan } from './amounts.js';
import type { Answer } from './answer.js';
import { AlipayClient, type Timeouts } from './client.js';
import { readNotice } from './notices.js';
import { refundOutcome, refundQueryOutcome, refusedQuestion, tradeOutcome, unknown, type Unknown } from './outcomes.js';
import {
  encode,
  plainText,
  PRODUCTS,
  requestParameters,
  tradeContent,
  type Addresses,
  type BusinessContent,
  type Product,
} from './requests.js';
import { signRequest, type Parameters } from './signing.js';

export interface AlipaySettings {
  /** `https://openapi.alipay.com/gateway.do`, or the sandbox's or the simulator's. */
  readonly gatewayUrl: string;
  readonly appId: string;
  /** The merchant's account at Alipay, 2088 and twelve digits. */
  readonly sellerId: string;
  /** The application's own key, RSA of 2048 bits or more. */
  readonly privateKey: KeyObject;
  /** Alipay's key from the console, not the application's public key that was uploaded there. */
  readonly alipayPublicKey: KeyObject;
  /** Where not given, three seconds for a connection and ten in all. */
  readonly timeouts?: Partial<Timeouts>;
}

const ACKNOWLEDGED: CallbackAnswer = { status: 200, contentType: 'text/plain; charset=utf-8', body: 'success' };
const REFUSED: CallbackAnswer = { ...ACKNOWLEDGED, body: 'fail' };

/** Alipay, through version 2 of its gateway in public-key mode. Source: docs/gateways/alipay.md. */
export class AlipayGateway implements PaymentGateway {
  readonly name = 'alipay';
  readonly methods = [...PRODUCTS.keys()];
  readonly acknowledged = ACKNOWLEDGED;
  readonly refused = REFUSED;
  private readonly client: AlipayClient;

  constructor(
    private readonly settings: AlipaySettings,
    private readonly clock: Clock,
  ) {
    assert(settings.privateKey.type === 'private' && isRsa(settings.privateKey), "Alipay's privateKey must be a private RSA key");
    assert(settings.alipayPublicKey.type === 'public' && isRsa(settings.alipayPublicKey), 'alipayPublicKey must be a public RSA key');
    this.client = new AlipayClient(settings.gatewayUrl, settings.alipayPublicKey, settings.timeouts);
  }

  signsOnly(method: string): boolean {
    const product = PRODUCTS.get(method);
    return product !== undefined && product.hands !== 'qr_code';
  }

  async pay(attempt: AttemptRequest): Promise<PayOutcome> {
    const product = required(PRODUCTS.get(attempt.method), `Alipay's payment method ${attempt.method}`);
    const parameters = await this.payment(attempt, product);
    switch (product.hands) {
      case 'redirect':
        return action({ type: 'redirect', url: `${this.settings.gatewayUrl}?${encode(parameters)}` });
      case 'sdk':
        return action({ type: 'sdk', params: { orderString: encode(parameters) } });
      case 'qr_code':
        return this.precreated(await this.client.post(parameters), attempt);
    }
  }

  async query(attempt: AttemptRef): Promise<Outcome> {
    // What the buyer paid with is asked for because it tells a refunded trade from an unpaid one once both are closed.
    const content = { out_trade_no: attempt.outTradeNo, query_options: ['fund_bill_list'] };
    const reply = await this.call('alipay.trade.query', content);
    return reply.kind === 'unknown' ? reply : tradeOutcome(reply, attempt.outTradeNo, this.clock.now());
  }

  async close(attempt: AttemptRef): Promise<Outcome> {
    const reply = await this.call('alipay.trade.close', { out_trade_no: attempt.outTradeNo });
    if (reply.kind === 'unknown') return reply;
    if (reply.worked) {
      const ours = (reply.text('out_trade_no') ?? attempt.outTradeNo) === attempt.outTradeNo;
      return ours ? { kind: 'closed' } : unknown('the answer is about another trade');
    }
    // It cannot be closed in the state it is in, and that may be because it has just been paid.
    return reply.refusal === 'other_state' ? this.query(attempt) : refusedQuestion(reply);
  }

  async refund(refund: RefundRequest): Promise<Outcome> {
    const reply = await this.call('alipay.trade.refund', {
      out_trade_no: refund.outTradeNo,
      out_request_no: refund.refundNo,
      refund_amount: toYuan(refund.amount),
      refund_reason: plainText(refund.reason) || undefined,
    });
    if (reply.kind === 'unknown') return reply;
    const outcome = refundOutcome(reply, refund, this.clock.now());
    if (outcome !== 'ask') return outcome;
    const found = await this.queryRefund(refund);
    if (found.kind !== 'never_happened') return found;
    // A no to a repeat says nothing of the first try, so it counts only once the query knows of no refund either.
    return reply.worked
      ? unknown('the refund was taken, but nothing has moved and the query does not know it yet')
      : { kind: 'declined', reason: reply.reason };
  }

  async queryRefund(refund: RefundRef): Promise<Outcome> {
    const reply = await this.call('alipay.trade.fastpay.refund.query', {
      out_trade_no: refund.outTradeNo,
      out_request_no: refund.refundNo,
      query_options: ['gmt_refund_pay'],
    });
    return reply.kind === 'unknown' ? reply : refundQueryOutcome(reply, refund, this.clock.now());
  }

  readCallback(callback: RawCallback): Promise<Notice | Rejected> {
    return readNotice(callback, this.settings);
  }

  disconnect(): Promise<void> {
    return this.client.disconnect();
  }

  private payment(attempt: AttemptRequest, product: Product): Promise<Parameters> {
    const returnUrl = product.returns ? attempt.returnUrl : undefined;
    const content = tradeContent(attempt, product, this.clock.now());
    return this.signed(product.api, content, { notify_url: attempt.notifyUrl, return_url: returnUrl });
  }

  private async precreated(reply: Answer | Unknown, attempt: AttemptRequest): Promise<PayOutcome> {
    if (reply.kind === 'unknown') return reply;
    if (reply.worked) {
      const codeUrl = reply.text('qr_code');
      const ours = reply.text('out_trade_no') === attempt.outTradeNo;
      return ours && codeUrl !== undefined ? action({ type: 'qr_code', codeUrl }) : unknown('the answer has no code for this trade');
    }
    switch (reply.refusal) {
      case 'final':
        return { kind: 'declined', reason: reply.reason };
      case 'not_executed':
        return { kind: 'not_now', reason: reply.reason };
      case 'unclear':
      case 'no_such_trade':
        return unknown(reply.reason);
      case 'other_state': {
        // The number is taken, by an earlier try of ours: what became of that is what counts.
        const found = await this.query(attempt);
        return found.kind === 'never_happened' ? unknown(reply.reason) : found;
      }
    }
  }

  private async call(api: string, content: BusinessContent): Promise<Answer | Unknown> {
    return this.client.post(await this.signed(api, content));
  }

  private signed(api: string, content: BusinessContent, addresses: Addresses = {}): Promise<Parameters> {
    const unsigned = requestParameters(this.settings.appId, api, content, addresses, this.clock.now());
    return signRequest(unsigned, this.settings.privateKey);
  }
}

function isRsa(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'rsa';
}

function action(payerAction: PayerAction): PayOutcome {
  return { kind: 'action', action: payerAction };
}
