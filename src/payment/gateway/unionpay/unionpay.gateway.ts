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
import { GatewayClient, type ClientOptions } from '../http-client.js';
import { GivingBack } from './giving-back.js';
import { claimsToBeFor, readNotice } from './notices.js';
import { paymentFields, paymentName } from './requests.js';
import type { UnionpaySettings } from './settings.js';
import { signFields } from './signing.js';
import { Trades } from './trades.js';
import { acceptedNames, type TrustAnchors } from './verification.js';

const FRONT_PATH = '/gateway/api/frontTransReq.do';
const PAGE = 'page';

const ACKNOWLEDGED: CallbackAnswer = { status: 200, contentType: 'text/plain; charset=utf-8', body: 'ok' };
const REFUSED: CallbackAnswer = { ...ACKNOWLEDGED, status: 400, body: 'fail' };

/** UnionPay's online gateway, version 5.1.0, signed with RSA. Source: docs/gateways/unionpay.md. */
export class UnionpayGateway implements PaymentGateway {
  readonly name = 'unionpay';
  readonly namesRefundsByTime = true;
  readonly methods = [PAGE];
  readonly acknowledged = ACKNOWLEDGED;
  readonly refused = REFUSED;
  private readonly anchors: TrustAnchors;
  private readonly client: GatewayClient;
  private readonly trades: Trades;
  private readonly givingBack: GivingBack;

  constructor(
    private readonly settings: UnionpaySettings,
    private readonly clock: Clock,
    options: Partial<ClientOptions> = {},
  ) {
    const { gatewayUrl, rootCertificate: root, middleCertificate: middle } = settings;
    this.anchors = { root, middle, names: acceptedNames(gatewayUrl) };
    this.client = new GatewayClient('UnionPay', gatewayUrl, options);
    this.trades = new Trades(settings, this.anchors, this.client, clock);
    this.givingBack = new GivingBack(this.trades, clock);
  }

  needs(): readonly PayerDetail[] {
    return [];
  }

  signsOnly(method: string): boolean {
    return method === PAGE;
  }

  async pay(attempt: AttemptRequest): Promise<PayOutcome> {
    assert(attempt.method === PAGE, `UnionPay has no payment method ${attempt.method}`);
    const fields = await signFields(paymentFields(attempt, this.settings.merId), this.settings);
    return {
      kind: 'action',
      action: { type: 'form', url: `${this.settings.gatewayUrl}${FRONT_PATH}`, fields: Object.fromEntries(fields) },
    };
  }

  /** Until its time is over a payment that failed is no end: the payer may try another card on the same page. */
  async query(attempt: AttemptRef): Promise<Outcome> {
    const found = await this.trades.ask(paymentName(attempt));
    switch (found.kind) {
      case 'absent':
        return { kind: 'never_happened' };
      case 'in_progress':
        return { kind: 'pending' };
      case 'failed':
        return this.isOver(attempt) ? { kind: 'closed' } : { kind: 'pending' };
      case 'succeeded':
      case 'not_now':
      case 'unknown':
        return found;
    }
  }

  /**
   * UnionPay has no close: `payTimeout` ends a payment. So this asks. `never_happened` says that nothing is under way, and
   * that the form may still be paid until its time is over: whoever counts it as closed asks once more after that.
   */
  async close(attempt: AttemptRef): Promise<Outcome> {
    const found = await this.trades.ask(paymentName(attempt));
    switch (found.kind) {
      case 'absent':
      case 'failed':
        return this.isOver(attempt) ? { kind: 'closed' } : { kind: 'never_happened' };
      case 'in_progress':
        return { kind: 'pending' };
      case 'succeeded':
      case 'not_now':
      case 'unknown':
        return found;
    }
  }

  refund(refund: RefundRequest): Promise<Outcome> {
    return this.givingBack.refund(refund);
  }

  queryRefund(refund: RefundRef): Promise<Outcome> {
    return this.givingBack.query(refund);
  }

  claims(callback: RawCallback): Claim {
    return claimsToBeFor(callback, this.settings.merId) ? 'yes' : 'no';
  }

  readCallback(callback: RawCallback): Promise<Notice | Rejected> {
    return readNotice(callback, this.settings.merId, this.anchors);
  }

  reachability(): Reachability {
    return this.client.reachability();
  }

  disconnect(): Promise<void> {
    return this.client.disconnect();
  }

  private isOver({ expiresAt }: AttemptRef): boolean {
    return this.clock.now().getTime() > expiresAt.getTime();
  }
}
