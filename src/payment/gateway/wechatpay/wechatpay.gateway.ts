import { assert } from '../../../kernel/assert.js';
import type { Clock } from '../../../kernel/clock.js';
import type {
  AttemptRef,
  AttemptRequest,
  CallbackAnswer,
  Claim,
  Notice,
  Outcome,
  PayerDetail,
  PaymentGateway,
  PayOutcome,
  RawCallback,
  Reachability,
  RefundRef,
  RefundRequest,
  Rejected,
} from '../gateway.js';
import type { ClientOptions } from '../http-client.js';
import { WechatpayClient, type Reply } from './client.js';
import type { Refusal } from './codes.js';
import { readNotice } from './notices.js';
import { orderOutcome, refundOutcome, unansweredQuestion, unknown } from './outcomes.js';
import { PayerActions } from './payer-actions.js';
import {
  closePath,
  isMethod,
  NEEDS,
  orderContent,
  orderPath,
  refundContent,
  refundPath,
  REFUNDS_PATH,
  WECHATPAY_METHODS,
} from './requests.js';
import type { WechatpaySettings } from './settings.js';

const ACKNOWLEDGED: CallbackAnswer = { status: 200, contentType: 'application/json', body: '' };
const REFUSED: CallbackAnswer = { status: 400, contentType: 'application/json', body: '{"code":"FAIL","message":"失败"}' };

/** One merchant account at WeChat Pay, through version 3 of its API. Source: docs/gateways/wechatpay.md. */
export class WechatpayGateway implements PaymentGateway {
  readonly name = 'wechatpay';
  readonly namesRefundsByTime = false;
  readonly methods = [...WECHATPAY_METHODS];
  readonly acknowledged = ACKNOWLEDGED;
  readonly refused = REFUSED;
  private readonly client: WechatpayClient;
  private readonly actions: PayerActions;

  constructor(
    private readonly settings: WechatpaySettings,
    private readonly clock: Clock,
    options: Partial<ClientOptions> = {},
  ) {
    this.client = new WechatpayClient(settings, clock, options);
    this.actions = new PayerActions(settings, clock);
  }

  needs(method: string): readonly PayerDetail[] {
    return isMethod(method) ? NEEDS[method] : [];
  }

  signsOnly(): boolean {
    return false;
  }

  async pay(attempt: AttemptRequest): Promise<PayOutcome> {
    const { method, returnUrl } = attempt;
    assert(isMethod(method), `WeChat Pay has no payment method ${method}`);
    const content = orderContent(attempt, method, this.settings, this.clock.now());
    const reply = await this.client.call('POST', `/v3/pay/transactions/${method}`, content);
    if (reply.kind === 'worked') {
      const action = await this.actions.from(reply.fields, method, returnUrl);
      return action === undefined ? unknown('the answer has nothing to pay with') : { kind: 'action', action };
    }
    if (reply.kind !== 'refused') return reply;
    switch (reply.refusal) {
      case 'final':
        return { kind: 'declined', reason: reply.reason };
      case 'throttled':
      case 'not_executed':
        return { kind: 'not_now', reason: reply.reason };
      case 'unclear':
      case 'not_found':
        return unknown(reply.reason);
      case 'other_state': {
        // The number is taken, by an earlier try of ours: what became of that is what counts.
        const found = await this.query(attempt);
        return found.kind === 'never_happened' ? unknown(reply.reason) : found;
      }
    }
  }

  async query(attempt: AttemptRef): Promise<Outcome> {
    const { outTradeNo, gatewayRef } = attempt;
    if (gatewayRef === undefined) return this.ask(orderPath(outTradeNo, this.settings.mchId, 'out-trade-no'), outTradeNo);
    const found = await this.ask(orderPath(gatewayRef, this.settings.mchId, 'id'), outTradeNo);
    // The number that names the attempt is ours: only where that one is unknown, too, has it never happened.
    return found.kind === 'never_happened' ? this.query({ ...attempt, gatewayRef: undefined }) : found;
  }

  async close(attempt: AttemptRef): Promise<Outcome> {
    const reply = await this.client.call('POST', closePath(attempt.outTradeNo), { mchid: this.settings.mchId });
    if (reply.kind === 'worked') return { kind: 'closed' };
    if (reply.kind === 'not_now' || isRefused(reply, 'throttled', 'not_executed', 'not_found')) return unansweredQuestion(reply);
    // It may have been paid or closed in the meantime. Still open, although the close has failed, is no end.
    const found = await this.query(attempt);
    return found.kind === 'pending' ? unknown(`it could not be closed: ${reply.kind === 'unknown' ? reply.cause : reply.reason}`) : found;
  }

  async refund(refund: RefundRequest): Promise<Outcome> {
    const reply = await this.client.call('POST', REFUNDS_PATH, refundContent(refund));
    if (reply.kind === 'worked') return refundOutcome(reply.fields, refund, this.clock.now());
    if (reply.kind === 'not_now' || isRefused(reply, 'not_executed', 'not_found')) return unansweredQuestion(reply);
    // A failure on the way, a rate limit, even a no to a repeat: none of them says what became of the first try.
    const found = await this.queryRefund(refund);
    if (found.kind !== 'never_happened' || reply.kind !== 'refused') return found;
    if (reply.refusal === 'throttled') return { kind: 'not_now', reason: reply.reason };
    return isRefused(reply, 'final', 'other_state') ? { kind: 'declined', reason: reply.reason } : found;
  }

  async queryRefund(refund: RefundRef): Promise<Outcome> {
    const reply = await this.client.call('GET', refundPath(refund.refundNo));
    return reply.kind === 'worked' ? refundOutcome(reply.fields, refund, this.clock.now()) : unansweredQuestion(reply);
  }

  claims({ headers }: RawCallback): Claim {
    const serial = Object.hasOwn(headers, 'wechatpay-serial') ? headers['wechatpay-serial'] : undefined;
    return serial === undefined ? 'no' : this.client.keys.knows(serial);
  }

  readCallback(callback: RawCallback): Promise<Notice | Rejected> {
    return readNotice(callback, this.settings, (serial) => this.client.keys.find(serial, callback.receivedAt));
  }

  reachability(): Reachability {
    return this.client.reachability();
  }

  disconnect(): Promise<void> {
    return this.client.disconnect();
  }

  private async ask(path: string, outTradeNo: string): Promise<Outcome> {
    const reply = await this.client.call('GET', path);
    if (reply.kind !== 'worked') return unansweredQuestion(reply);
    return orderOutcome(reply.fields, { mchId: this.settings.mchId, outTradeNo }, this.clock.now());
  }
}

/** True where it was refused in one of these ways. */
function isRefused(reply: Reply, ...refusals: readonly Refusal[]): boolean {
  return reply.kind === 'refused' && refusals.includes(reply.refusal);
}
