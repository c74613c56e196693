import { Injectable } from '@nestjs/common';

import { OrderCreated } from '../contracts/order-created.js';
import { PaymentAttemptStarted } from '../contracts/payment-attempt-started.js';
import { required } from '../kernel/assert.js';
import { DomainError, conflict, impossible } from '../kernel/domain-error.js';
import type { AttemptId, GatewayAccountId, MerchantId, OrderId } from '../kernel/ids.js';
import { DEFAULT_CURRENCY, money } from '../kernel/money.js';
import { Commands, eachMember, type CommandRequest, type Member } from '../platform/commands/commands.js';
import { Reads } from '../platform/database/reads.js';
import { InTransaction } from '../platform/events/listeners.js';
import { Transactions } from '../platform/events/transactions.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { following } from '../platform/logging/trail.js';
import { nextAskOfAttempt } from './asking.js';
import type { Families } from './families.js';
import { Gateways, type OpenAccount } from './gateway/gateways.js';
import type { AttemptRequest, GatewayName, PaymentGateway } from './gateway/gateway.js';
import { MAX_ATTEMPTS, outTradeNo } from './out-trade-no.js';
import { PaymentEntity, type AttemptEntity } from './payment.entity.js';
import { PaymentSettings } from './payment-settings.js';
import { PaymentStore, noSuchOrder } from './payment.store.js';
import { showAttempt, type AttemptView } from './payment.view.js';
import { SettleAttempts } from './settle-attempts.js';

export interface WantedPayment {
  readonly orderId: OrderId;
  readonly merchantId: MerchantId;
  readonly gateway: GatewayName;
  readonly method: string;
  /** The default one of the gateway where absent. */
  readonly accountId?: GatewayAccountId;
  readonly returnUrl?: string;
  readonly clientIp?: string;
  readonly openId?: string;
}

type ChosenPayment = WantedPayment & { readonly accountId: GatewayAccountId };

/** A payment whose gateway is not called: all it takes is a signature. */
interface SignedStart {
  readonly wanted: ChosenPayment;
  readonly gateway: PaymentGateway;
}

/** Sends payers to gateways. What is due comes from the order, never from the client. */
@Injectable()
export class StartPayments {
  private readonly signTogether: (request: CommandRequest, start: SignedStart) => Promise<AttemptView>;

  constructor(
    private readonly reads: Reads,
    private readonly commands: Commands,
    private readonly transactions: Transactions,
    private readonly store: PaymentStore,
    private readonly gateways: Gateways,
    private readonly settling: SettleAttempts,
    private readonly settings: PaymentSettings,
  ) {
    this.signTogether = commands.batched(
      { ahead: (work, members) => this.familiesOf(work, members), act: (work, members, families) => this.sign(work, members, families) },
      ({ wanted }) => wanted.orderId,
    );
  }

  @InTransaction(OrderCreated)
  rememberDue(orders: readonly OrderCreated[], work: UnitOfWork): void {
    this.store.rememberDue(work, orders);
  }

  /**
   * One attempt. Where the gateway's part is only a signature, it is made in the same commit, together with others that came at once;
   * else the intent is written, the gateway called, and the outcome written. Throws `not_found`, `order_not_payable`,
   * `payment_method_unavailable`, `payment_declined`, and `invalid_request` where the method needs to know more of the payer.
   */
  async start(request: CommandRequest, wanted: WantedPayment): Promise<AttemptView> {
    const chosen = await this.choose(wanted);
    // What was answered under its key before is answered the same, although it could not be started now.
    if (chosen instanceof DomainError) return this.commands.runAcross(request, () => Promise.reject(chosen));
    const { account, gateway } = chosen;
    const started = { ...wanted, accountId: account.id };
    if (gateway.signsOnly(wanted.method)) return this.signTogether(request, { wanted: started, gateway });
    return this.commands.runAcross(request, async (id) => {
      const { attempt, payment } = await this.transactions.run(request.origin, async (work) => {
        const families = await this.store.lock(work, [wanted.orderId]);
        const intent = this.intend(work, families, id, started);
        this.store.write(work, families);
        return intent;
      });
      // A request that is gone on with after a crash stays with the account that it began with.
      const its = attempt.accountId === account.id ? gateway : await this.gateways.of(attempt);
      const { correlationId } = request.origin;
      const outcome = await following({ correlationId, orderId: attempt.orderId }, () => its.pay(this.requestOf(attempt, payment)));
      const sent = await this.transactions.run(request.origin, async (work) => {
        const families = await this.store.lock(work, [attempt.orderId]);
        const { attempt: locked } = families.withAttempt(attempt);
        this.settling.sent(work, families, locked, outcome);
        await this.settling.write(work, families);
        return locked;
      });
      if (sent.status === 'closed') throw noLongerPayable();
      if (outcome.kind === 'declined') throw impossible('payment_declined', `The gateway would not have it: ${outcome.reason}.`);
      return showAttempt(sent);
    });
  }

  private familiesOf(work: UnitOfWork, members: readonly Member<SignedStart>[]): Promise<Families> {
    return this.store.lock(
      work,
      members.map(({ input }) => input.wanted.orderId),
    );
  }

  private async sign(work: UnitOfWork, members: readonly Member<SignedStart>[], families: Families): Promise<AttemptView[]> {
    const intents = eachMember(work, members, ({ id, input: { wanted, gateway }, request }) => {
      work.actsFor(wanted.orderId, request.origin);
      return { gateway, ...this.intend(work, families, id, wanted) };
    });
    const outcomes = await Promise.all(intents.map(({ gateway, attempt, payment }) => gateway.pay(this.requestOf(attempt, payment))));
    intents.forEach(({ attempt }, index) => {
      this.settling.sent(work, families, attempt, required(outcomes[index], 'the outcome of a signature'));
    });
    await this.settling.write(work, families);
    return intents.map(({ attempt }) => showAttempt(attempt));
  }

  /** The account to pay at, or what is said to a request that cannot be met. */
  private async choose(wanted: WantedPayment): Promise<OpenAccount | DomainError> {
    const { orderId, merchantId, gateway, method, accountId, returnUrl } = wanted;
    try {
      if (returnUrl !== undefined && !this.settings.mayReturnTo(returnUrl)) throw wrong('returnUrl', 'must be of the public Internet');
      const chosen = await this.gateways.offering(merchantId, gateway, method, accountId);
      const missing = chosen.gateway.needs(method).find((detail) => wanted[detail] === undefined);
      if (missing) throw lacks(missing, wanted);
      return chosen;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      // An order that is not there is the first thing to say.
      return (await this.store.isThere(this.reads, merchantId, orderId)) ? error : noSuchOrder();
    }
  }

  /** Writes the intent down. A repeat after a crash finds it written. */
  private intend(
    work: UnitOfWork,
    families: Families,
    id: AttemptId,
    wanted: ChosenPayment,
  ): { attempt: AttemptEntity; payment: PaymentEntity } {
    const locked = families.of(wanted.orderId, wanted.merchantId);
    if (!locked) throw noSuchOrder();
    const before = locked.attempts.find((attempt) => attempt.id === id);
    const { payment } = locked;
    if (before?.status === 'closed') throw noLongerPayable();
    if (before) return { attempt: before, payment };
    refuseUnpayable(payment, work.now);
    const attempt = drawAttempt(id, payment, wanted, work);
    families.addAttempt(attempt);
    const { merchantId, orderId, gateway, method } = attempt;
    work.publish(
      new PaymentAttemptStarted({
        merchantId,
        orderId,
        attemptId: id,
        gateway,
        method,
        outTradeNo: attempt.outTradeNo,
        amount: money(attempt.amount, attempt.currency),
      }),
    );
    return { attempt, payment };
  }

  private requestOf(attempt: AttemptEntity, payment: PaymentEntity): AttemptRequest {
    return {
      outTradeNo: attempt.outTradeNo,
      method: attempt.method,
      amount: money(attempt.amount, attempt.currency),
      subject: `订单 ${payment.orderNumber}`,
      startedAt: attempt.createdAt,
      expiresAt: attempt.expiresAt,
      notifyUrl: this.settings.callbackUrl(attempt.gateway, 'payments'),
      ...(attempt.returnUrl === null ? {} : { returnUrl: attempt.returnUrl }),
      ...(attempt.clientIp === null ? {} : { clientIp: attempt.clientIp }),
      ...(attempt.openId === null ? {} : { openId: attempt.openId }),
    };
  }
}

function noLongerPayable() {
  return conflict('order_not_payable', 'The attempt was closed before it began: the order is cancelled, paid, or about to be.');
}

function lacks(detail: string, { gateway, method }: WantedPayment): DomainError {
  return wrong(detail, `is needed for ${gateway} ${method}`);
}

function wrong(path: string, message: string): DomainError {
  return new DomainError('invalid', 'invalid_request', `${path}: ${message}.`, { errors: [{ path, message }] });
}

function refuseUnpayable(payment: PaymentEntity, now: Date): void {
  const facts = { paymentStatus: payment.status };
  if (payment.status === 'succeeded') throw conflict('order_not_payable', 'The order is paid already.', facts);
  if (payment.status !== 'requires_payment') throw conflict('order_not_payable', 'The order is cancelled, or about to be.', facts);
  if (payment.expiresAt <= now) throw conflict('order_not_payable', 'The order has expired. Place it again.', facts);
  if (payment.attempts >= MAX_ATTEMPTS)
    throw conflict('order_not_payable', `The order has had ${MAX_ATTEMPTS} attempts. Place it again.`, facts);
  if (payment.currency !== DEFAULT_CURRENCY)
    throw impossible('payment_method_unavailable', `The gateways take ${DEFAULT_CURRENCY}, and the order is in ${payment.currency}.`, {
      offered: [],
    });
}

function drawAttempt(id: AttemptId, payment: PaymentEntity, wanted: ChosenPayment, work: UnitOfWork): AttemptEntity {
  const { now } = work;
  const number = payment.attempts + 1;
  return {
    id,
    paymentId: payment.id,
    orderId: payment.orderId,
    merchantId: payment.merchantId,
    number,
    gateway: wanted.gateway,
    accountId: wanted.accountId,
    method: wanted.method,
    outTradeNo: outTradeNo(payment.orderId, number),
    status: 'created',
    amount: payment.amount,
    currency: payment.currency,
    returnUrl: wanted.returnUrl ?? null,
    clientIp: wanted.clientIp ?? null,
    openId: wanted.openId ?? null,
    action: null,
    gatewayRef: null,
    paidAt: null,
    usedAs: null,
    failureReason: null,
    asked: 0,
    askAt: nextAskOfAttempt({ status: 'created', asked: 0, closeRequested: false }, now),
    closeRequested: false,
    expiresAt: payment.expiresAt,
    correlationId: work.correlationOf(payment.orderId),
    createdAt: now,
  };
}
