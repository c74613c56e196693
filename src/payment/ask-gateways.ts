import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';

import { OrderClosing } from '../contracts/order-closing.js';
import { PaymentAttemptsClosing } from '../contracts/payment-attempts-closing.js';
import { Clock, SECOND } from '../kernel/clock.js';
import type { Origin } from '../kernel/domain-event.js';
import { newId, type AttemptId, type OrderId } from '../kernel/ids.js';
import { Commands, type CommandRequest } from '../platform/commands/commands.js';
import type { RecordedEvent } from '../platform/events/recorded-event.js';
import { AfterCommit, InTransaction } from '../platform/events/listeners.js';
import { Transactions } from '../platform/events/transactions.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { explain } from '../platform/logging/pino-logger.js';
import { following } from '../platform/logging/trail.js';
import { Sweeps } from '../platform/jobs/sweeps.js';
import { isOver } from './asking.js';
import { attemptRef } from './attempt-ref.js';
import { GATEWAY_NAMES, type GatewayName } from './gateway/gateway.js';
import { Gateways } from './gateway/gateways.js';
import type { AttemptEntity } from './payment.entity.js';
import { isOpen } from './payment-states.js';
import { PaymentStore } from './payment.store.js';
import { SendRefunds } from './send-refunds.js';
import { SettleAttempts, paymentClosed, type Said } from './settle-attempts.js';

/** Of one gateway, in one process. */
const AT_ONCE = 64;

/** Finds out at the gateways what nobody told us, and closes there what must not be paid any more. */
@Injectable()
export class AskGateways implements OnModuleInit {
  private readonly logger = new Logger(AskGateways.name);
  private readonly settleTogether: (request: CommandRequest, said: Said) => Promise<unknown>;

  constructor(
    private readonly transactions: Transactions,
    private readonly store: PaymentStore,
    private readonly gateways: Gateways,
    settling: SettleAttempts,
    private readonly refunds: SendRefunds,
    private readonly clock: Clock,
    private readonly sweeps: Sweeps,
    commands: Commands,
  ) {
    this.settleTogether = commands.batched(
      {
        act: (work, members) => {
          for (const { input, request } of members) work.actsFor(input.ref.orderId, request.origin);
          return settling.settle(
            work,
            members.map(({ input }) => input),
          );
        },
      },
      ({ ref }) => ref.orderId,
    );
  }

  /** One sweep a gateway, so that a gateway that is slow to answer holds up no other. */
  onModuleInit(): void {
    for (const gateway of GATEWAY_NAMES) {
      this.sweeps.add(`unsettled-attempts-${gateway}`, SECOND, () => this.askAboutAttempts(gateway));
      this.sweeps.add(`unsettled-refunds-${gateway}`, SECOND, () => this.askAboutRefunds(gateway));
    }
  }

  /** An order begins to close: so does its payment, at once where nothing is open at a gateway. */
  @InTransaction(OrderClosing)
  async startClosing(orders: readonly OrderClosing[], work: UnitOfWork): Promise<void> {
    const orderIds = orders.map(({ facts }) => facts.orderId);
    const closing = await this.store.move(work, orderIds, 'close');
    const open = await this.store.requestClose(work, orderIds);
    const attemptsOf = new Map(open.map(({ orderId, merchantId }) => [orderId, { merchantId, ids: new Array<AttemptId>() }]));
    for (const { id, orderId } of open) attemptsOf.get(orderId)?.ids.push(id);
    work.publish(
      ...[...attemptsOf].map(([orderId, { merchantId, ids }]) => new PaymentAttemptsClosing({ merchantId, orderId, attemptIds: ids })),
    );
    const nothingOpen = closing.filter(({ orderId }) => !attemptsOf.has(orderId)).map(({ orderId }) => orderId);
    if (nothingOpen.length > 0) work.publish(...(await this.store.move(work, nothingOpen, 'end')).map(paymentClosed));
  }

  /** Whoever has paid at one gateway, or whose order is cancelled, must not be able to pay any more. */
  @AfterCommit(PaymentAttemptsClosing, 'payment.close_attempts')
  async closeAttempts({ facts: { orderId } }: PaymentAttemptsClosing, { origin }: Pick<RecordedEvent, 'origin'>): Promise<void> {
    const open = await this.transactions.run(origin, async (work) => {
      const families = await this.store.lock(work, [orderId]);
      return families.of(orderId)?.attempts.filter(({ status, closeRequested }) => isOpen(status) && closeRequested) ?? [];
    });
    await Promise.all(open.map((attempt) => this.ask(attempt, origin)));
  }

  /** What is due to be asked about: what is pending, now and then; what is unknown, often, until the gateway says what happened. */
  private async askAboutAttempts(gateway: GatewayName): Promise<number> {
    const due = { gateway, most: AT_ONCE, unreachable: await this.gateways.unreachable(gateway) };
    const claimed = await this.transactions.run(janitor(), (work) => this.store.claimAttempts(work, due));
    return this.each(claimed, (attempt) => this.ask(attempt, janitor(attempt)));
  }

  private async askAboutRefunds(gateway: GatewayName): Promise<number> {
    const due = { gateway, most: AT_ONCE, unreachable: await this.gateways.unreachable(gateway) };
    const claimed = await this.transactions.run(janitor(), (work) => this.store.claimRefunds(work, due));
    return this.each(claimed, (refund) => this.refunds.proceed(refund, janitor(refund)));
  }

  /** One that cannot be asked about holds up no other: its lease runs out, and it is tried again. */
  private async each<Row extends Begun & { id: string }>(claimed: readonly Row[], ask: (row: Row) => Promise<void>): Promise<number> {
    const failing = async (row: Row) =>
      following({ correlationId: janitor(row).correlationId, orderId: row.orderId }, () => ask(row)).catch((error: unknown) =>
        this.logger.error({ msg: 'asking a gateway failed', orderId: row.orderId, subject: row.id, error: explain(error) }),
      );
    await Promise.all(claimed.map(failing));
    return claimed.length;
  }

  /** Asks about one attempt, or closes it where that is due, and writes down the answer. */
  async ask(attempt: AttemptEntity, origin: Origin): Promise<void> {
    const gateway = await this.gateways.of(attempt);
    const ref = attemptRef(attempt);
    const outcome = attempt.closeRequested || isOver(attempt, this.clock.now()) ? await gateway.close(ref) : await gateway.query(ref);
    await this.settleTogether({ origin }, { ref: attempt, outcome });
  }
}

/** What was begun by some request, which is known but for what was begun before that was written down. */
type Begun = { readonly orderId: OrderId; readonly correlationId: string | null };

/** It goes on with what that request began. */
function janitor(begun?: Begun): Origin {
  return { correlationId: begun?.correlationId ?? newId(), causationId: null, actor: 'system:janitor' };
}
