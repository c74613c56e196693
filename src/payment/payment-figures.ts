import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';

import { Clock, SECOND } from '../kernel/clock.js';
import { Metrics } from '../platform/http/metrics.js';
import { Sweep } from '../platform/jobs/sweeps.js';
import { GATEWAY_NAMES } from './gateway/gateway.js';

// Of what is open alone, by its indexes. An unknown attempt is asked about again within 15 s or, where it is disputed, within five
// minutes: of all that are open, only what is due until then is read.
const UNKNOWN = `SELECT gateway, count(*)::int AS number, extract(epoch FROM $1 - min(created_at))::float8 AS oldest
  FROM payment_attempts WHERE gateway = ANY($2::text[]) AND ask_at <= $1 + interval '5 minutes' AND status = 'unknown' GROUP BY gateway`;
const REFUNDS = `SELECT gateway, count(*)::int AS number, extract(epoch FROM $1 - min(created_at))::float8 AS oldest
  FROM refunds WHERE gateway = ANY($2::text[]) AND ask_at IS NOT NULL GROUP BY gateway`;
const DISCREPANCIES = `SELECT gateway, count(*)::int AS number, 0 AS oldest FROM discrepancies WHERE resolved_at IS NULL GROUP BY gateway`;

interface Row {
  readonly gateway: string;
  readonly number: number;
  readonly oldest: number;
}

/** What waits for gateways, and for people who look after them. By the worker and not at each scrape, however many look. */
@Injectable()
export class PaymentFigures {
  private readonly unknown: Gauge;
  private readonly oldestUnknown: Gauge;
  private readonly refunds: Gauge;
  private readonly oldestRefund: Gauge;
  private readonly discrepancies: Gauge;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    { registry }: Metrics,
  ) {
    const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames: ['gateway'], registers: [registry] });
    this.unknown = gauge('suanpan_attempts_unknown', 'Payment attempts whose outcome is unknown.');
    this.oldestUnknown = gauge('suanpan_attempts_unknown_oldest_seconds', 'The age of the oldest of them.');
    this.refunds = gauge('suanpan_refunds_under_way', 'Refunds that have not ended yet.');
    this.oldestRefund = gauge('suanpan_refunds_under_way_oldest_seconds', 'The age of the oldest of them.');
    this.discrepancies = gauge('suanpan_discrepancies_open', 'Where a gateway and the books disagree, and nobody has resolved it.');
  }

  @Sweep('payment-figures', 15 * SECOND)
  async count(): Promise<number> {
    const now = this.clock.now();
    const [unknown, refunds, discrepancies] = await Promise.all([
      this.dataSource.query<Row[]>(UNKNOWN, [now, GATEWAY_NAMES]),
      this.dataSource.query<Row[]>(REFUNDS, [now, GATEWAY_NAMES]),
      this.dataSource.query<Row[]>(DISCREPANCIES),
    ]);
    for (const gateway of GATEWAY_NAMES) {
      const of = (rows: readonly Row[]) => rows.find((row) => row.gateway === gateway);
      this.unknown.set({ gateway }, of(unknown)?.number ?? 0);
      this.oldestUnknown.set({ gateway }, of(unknown)?.oldest ?? 0);
      this.refunds.set({ gateway }, of(refunds)?.number ?? 0);
      this.oldestRefund.set({ gateway }, of(refunds)?.oldest ?? 0);
      this.discrepancies.set({ gateway }, of(discrepancies)?.number ?? 0);
    }
    return 0;
  }
}
