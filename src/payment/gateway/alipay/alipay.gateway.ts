import { assert, required } from '../../../kernel/assert.js';
import type { Clock } from '../../../kernel/clock.js';
import type {
  AttemptRef,
  AttemptRequest,
  CallbackAnswer,
  Claim,
  Notice,
  Outcome,
  PayerAction,
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
import { toYuan } from './amounts.js';
import type { Answer } from './answer.js';
import { certificateNumber, rootNumber } from './certificates.js';
import { AlipayClient, readAnswer, readUnproven } from './client.js';
import { downloaded, DOWNLOAD_API, type Download } from './download.js';
import { CertificateKeys, oneKey, type AlipayKeys } from './keys.js';
import { claimsToBeFor, readNotice } from './notices.js';
import { refundOutcome, refundQueryOutcome, refusedQuestion, tradeOutcome, unknown, type Unsettled } from './outcomes.js';
import {
  encode,
  plainText,
  PRODUCTS,
  requestParameters,
  tradeContent,
  type BusinessContent,
  type Extras,
  type Product,
} from './requests.js';
import type { AlipaySettings } from './settings.js';
import { signRequest, type Parameters } from './signing.js';

export type { AlipaySettings } from './settings.js';

const ACKNOWLEDGED: CallbackAnswer = { status: 200, contentType: 'text/plain; charset=utf-8', body: 'success' };
const REFUSED: CallbackAnswer = { ...ACKNOWLEDGED, body: 'fail' };

/** Alipay, through version 2 of its gateway, in public-key mode or in certificate mode. Source: docs/gateways/alipay.md. */
export class AlipayGateway implements PaymentGateway {
  readonly name = 'alipay';
  readonly namesRefundsByTime = false;
  readonly methods = [...PRODUCTS.keys()];
  readonly acknowledged = ACKNOWLEDGED;
  readonly refused = REFUSED;
  private readonly client: AlipayClient;
  private readonly keys: AlipayKeys;
  /** In certificate mode every request says which certificates we know each other by. */
  private readonly certificateNumbers: Extras;

  constructor(
    private readonly settings: AlipaySettings,
    private readonly clock: Clock,
    options: Partial<ClientOptions> = {},
  ) {
    const { gatewayUrl, privateKey, alipayPublicKey, certificates } = settings;
    assert(privateKey.type === 'private', "Alipay's privateKey must be a private key");
    assert(alipayPublicKey === undefined || alipayPublicKey.type === 'public', 'alipayPublicKey must be a public key');
    this.client = new AlipayClient(gatewayUrl, options);
    this.keys =
      certificates === undefined
        ? oneKey(alipayPublicKey)
        : new CertificateKeys(certificates, clock, (certSn) => this.downloadCertificate(certSn));
    this.certificateNumbers = certificates
      ? { app_cert_sn: certificateNumber(certificates.app), alipay_root_cert_sn: rootNumber(certificates.roots) }
      : {};
  }

  needs(): readonly PayerDetail[] {
    return [];
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
        return this.precreated(await this.answerTo(parameters), attempt);
    }
  }

  async query(attempt: AttemptRef): Promise<Outcome> {
    // What the buyer paid with is asked for because it tells a refunded trade from an unpaid one once both are closed.
    const content = { out_trade_no: attempt.outTradeNo, query_options: ['fund_bill_list'] };
    const reply = await this.call('alipay.trade.query', content);
    return reply.kind === 'answer' ? tradeOutcome(reply, attempt.outTradeNo, this.clock.now()) : reply;
  }

  async close(attempt: AttemptRef): Promise<Outcome> {
    const reply = await this.call('alipay.trade.close', { out_trade_no: attempt.outTradeNo });
    if (reply.kind !== 'answer') return reply;
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
    if (reply.kind !== 'answer') return reply;
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
    return reply.kind === 'answer' ? refundQueryOutcome(reply, refund, this.clock.now()) : reply;
  }

  claims(callback: RawCallback): Claim {
    return claimsToBeFor(this.settings.appId, callback.body) ? 'yes' : 'no';
  }

  readCallback(callback: RawCallback): Promise<Notice | Rejected> {
    const { appId, sellerId } = this.settings;
    return readNotice(callback, { appId, sellerId, keys: this.keys });
  }

  reachability(): Reachability {
    return this.client.reachability();
  }

  disconnect(): Promise<void> {
    return this.client.disconnect();
  }

  private payment(attempt: AttemptRequest, product: Product): Promise<Parameters> {
    const returnUrl = product.returns ? attempt.returnUrl : undefined;
    const content = tradeContent(attempt, product, this.clock.now());
    return this.signed(product.api, content, { notify_url: attempt.notifyUrl, return_url: returnUrl });
  }

  private async precreated(reply: Answer | Unsettled, attempt: AttemptRequest): Promise<PayOutcome> {
    if (reply.kind !== 'answer') return reply;
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

  private async call(api: string, content: BusinessContent): Promise<Answer | Unsettled> {
    return this.answerTo(await this.signed(api, content));
  }

  private async answerTo(parameters: Parameters): Promise<Answer | Unsettled> {
    const reply = await this.client.post(parameters);
    return reply.kind === 'raw' ? readAnswer(reply.body, reply.method, this.keys) : reply;
  }

  private async downloadCertificate(certSn: string): Promise<Download> {
    const reply = await this.client.post(await this.signed(DOWNLOAD_API, { alipay_cert_sn: certSn }));
    return downloaded(reply.kind === 'raw' ? readUnproven(reply.body, reply.method) : reply);
  }

  private signed(api: string, content: BusinessContent, addresses: Extras = {}): Promise<Parameters> {
    const extras = { ...this.certificateNumbers, ...addresses };
    const unsigned = requestParameters(this.settings.appId, api, content, extras, this.clock.now());
    return signRequest(unsigned, this.settings.privateKey);
  }
}

function action(payerAction: PayerAction): PayOutcome {
  return { kind: 'action', action: payerAction };
}
