import { Injectable } from '@nestjs/common';

import { Clock, DAY, MINUTE, after } from '../../kernel/clock.js';
import { newId } from '../../kernel/ids.js';
import { Transactions } from '../events/transactions.js';
import { Sweep } from '../jobs/sweeps.js';
import { IdempotencyStore } from './idempotency.store.js';

/** The API promises a day; two leave room for a client that retries over the night. */
const KEEP_FOR = 2 * DAY;

/** Forgets the answers that nobody can be waiting for any more. */
@Injectable()
export class IdempotencyRetention {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: IdempotencyStore,
    private readonly clock: Clock,
  ) {}

  /** Often, so that there is never much to do at once: as many are forgotten as are written. */
  @Sweep('idempotency-retention', MINUTE)
  forget(): Promise<number> {
    const origin = { correlationId: newId(), causationId: null, actor: 'system:idempotency-retention' };
    return this.transactions.run(origin, (work) => this.store.forget(work, after(this.clock.now(), -KEEP_FOR)));
  }
}
