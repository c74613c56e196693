import { Injectable } from '@nestjs/common';

import { conflict } from '../kernel/domain-error.js';
import type { AttemptId, MerchantId } from '../kernel/ids.js';
import { Commands, type CommandRequest } from '../platform/commands/commands.js';
import { Reads } from '../platform/database/reads.js';
import { Transactions } from '../platform/events/transactions.js';
import { AskGateways } from './ask-gateways.js';
import { AttemptEntity } from './payment.entity.js';
import { isOpen } from './payment-states.js';
import { PaymentStore, noSuchPayment } from './payment.store.js';

/** What a merchant may do to an attempt by hand. */
@Injectable()
export class ChangeAttempts {
  constructor(
    private readonly reads: Reads,
    private readonly commands: Commands,
    private readonly transactions: Transactions,
    private readonly store: PaymentStore,
    private readonly asking: AskGateways,
  ) {}

  async get(merchantId: MerchantId, id: AttemptId): Promise<AttemptEntity> {
    const [attempt] = await this.store.attempts(this.reads, [id]);
    if (attempt?.merchantId !== merchantId) throw noSuchPayment();
    return attempt;
  }

  /** Asks the gateway now. What has succeeded needs no asking. */
  sync<View extends object>(
    request: CommandRequest,
    merchantId: MerchantId,
    id: AttemptId,
    show: (attempt: AttemptEntity) => View,
  ): Promise<View> {
    return this.commands.runAcross(request, async () => {
      const attempt = await this.get(merchantId, id);
      if (attempt.status !== 'succeeded') await this.asking.ask(attempt, request.origin);
      return show(await this.get(merchantId, id));
    });
  }

  /** Ends an attempt at its gateway. One that turns out paid is paid. Throws the 409 `illegal_transition` where it is over. */
  close<View extends object>(
    request: CommandRequest,
    merchantId: MerchantId,
    id: AttemptId,
    show: (attempt: AttemptEntity) => View,
  ): Promise<View> {
    return this.commands.runAcross(request, async () => {
      const found = await this.get(merchantId, id);
      const attempt = await this.transactions.run(request.origin, async (work) => {
        const families = await this.store.lock(work, [found.orderId]);
        const { attempt: locked } = families.withAttempt(found);
        if (locked.status === 'closed') return undefined;
        if (!isOpen(locked.status)) {
          throw conflict('illegal_transition', `The attempt has ${locked.status}: there is nothing to close.`, {
            currentStatus: locked.status,
            action: 'close',
          });
        }
        families.changeAttempt(locked, { closeRequested: true });
        this.store.write(work, families);
        return locked;
      });
      if (attempt) await this.asking.ask(attempt, request.origin);
      return show(await this.get(merchantId, id));
    });
  }
}
