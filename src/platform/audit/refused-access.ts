import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';

import { AccessRefused } from '../../contracts/access-refused.js';
import type { Caller } from '../../contracts/api-keys.port.js';
import { Clock, MINUTE } from '../../kernel/clock.js';
import { NO_MERCHANT, newId, type MerchantId } from '../../kernel/ids.js';
import { Transactions } from '../events/transactions.js';

/** So many kinds are told apart in a minute; the rest are counted as one. A flood must not fill the log that tells of it. */
const MOST_KINDS = 100;

const NOT_TOLD_APART = 'others';

/** Whether what was refused is written down by itself, once a minute. A test does it by hand. */
export class AccessLogSettings {
  constructor(readonly byItself: boolean) {}
}

export interface Refusal {
  /** The code that it was answered with. */
  readonly reason: string;
  readonly route: string;
  readonly address: string;
  readonly requestId: string;
  readonly caller: Caller | undefined;
}

interface Noted {
  readonly merchantId: MerchantId;
  readonly actor: string;
  readonly reason: string;
  readonly route: string | null;
  readonly address: string | null;
  readonly correlationId: string;
  readonly firstAt: Date;
  lastAt: Date;
  times: number;
}

/** Who was refused at the door: counted in memory by who, why and where, and written into the event log once a minute. */
@Injectable()
export class RefusedAccess implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(RefusedAccess.name);
  private noted = new Map<string, Noted>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly settings: AccessLogSettings,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.byItself) this.timer = setInterval(() => void this.write(), MINUTE).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.write();
  }

  note({ reason, route, address, requestId, caller }: Refusal): void {
    const now = this.clock.now();
    const actor = caller ? `api_key:${caller.apiKeyId}` : `address:${address}`;
    const kind = [reason, actor, route].join(' ');
    const isKnown = this.noted.has(kind) || this.noted.size < MOST_KINDS;
    const known = this.noted.get(isKnown ? kind : NOT_TOLD_APART);
    if (known) {
      known.times += 1;
      known.lastAt = now;
      return;
    }
    const what = isKnown ? { merchantId: caller?.merchantId ?? NO_MERCHANT, actor, reason, route, address } : OTHERS;
    this.noted.set(isKnown ? kind : NOT_TOLD_APART, { ...what, correlationId: requestId, firstAt: now, lastAt: now, times: 1 });
  }

  /** Writes down what was noted since the last time. What cannot be written is given up: it must not pile up. */
  async write(): Promise<void> {
    const noted = [...this.noted.values()];
    this.noted = new Map();
    if (noted.length === 0) return;
    const origin = { correlationId: newId(), causationId: null, actor: 'system:door' };
    await this.transactions
      .run(origin, (work) => {
        for (const { actor, correlationId, firstAt, lastAt, ...what } of noted) {
          const facts = { ...what, orderId: null, firstAt: firstAt.toISOString(), lastAt: lastAt.toISOString() };
          work.publishFor({ correlationId, causationId: null, actor }, new AccessRefused(facts));
        }
        return Promise.resolve();
      })
      .catch((error: unknown) => this.logger.warn(`${noted.length} refusals could not be written down: ${String(error)}`));
  }
}

const OTHERS = { merchantId: NO_MERCHANT, actor: 'system:door', reason: NOT_TOLD_APART, route: null, address: null };
