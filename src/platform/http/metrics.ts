import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics, type MetricObjectWithValues, type MetricValue } from 'prom-client';

import { routeOf } from './route-of.js';

/** What Prometheus reads at /metrics. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  readonly requests = new Histogram({
    name: 'suanpan_http_request_seconds',
    help: 'Seconds from a request to its answer, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });

  readonly callbacks = new Counter({
    name: 'suanpan_callbacks_total',
    help: 'Callbacks of the gateways, by verdict.',
    labelNames: ['gateway', 'verdict'],
    registers: [this.registry],
  });

  /** Set by who lets them in. */
  readonly inFlight = new Gauge({
    name: 'suanpan_http_requests_in_flight',
    help: 'Requests that are let in and not answered yet.',
    registers: [this.registry],
  });

  readonly shed = new Counter({
    name: 'suanpan_http_requests_shed_total',
    help: 'Requests that were told at once to come again, by what there was too much of.',
    labelNames: ['reason'],
    registers: [this.registry],
  });

  readonly limited = new Counter({
    name: 'suanpan_http_requests_limited_total',
    help: 'Requests that were answered 429, by whose limit was reached.',
    labelNames: ['by'],
    registers: [this.registry],
  });

  /** As they failed in the end: what was tried again and went well is no failure. */
  readonly failedTransactions = new Counter({
    name: 'suanpan_transaction_failures_total',
    help: 'Transactions that failed in the end, by the SQLSTATE of PostgreSQL; without one where the connection was lost.',
    labelNames: ['sqlstate'],
    registers: [this.registry],
  });

  readonly retriedTransactions = new Counter({
    name: 'suanpan_transactions_retried_total',
    help: 'Transactions that were run again after a deadlock, a serialization failure, or what was taken for granted and was not so.',
    registers: [this.registry],
  });

  readonly jobs = new Counter({
    name: 'suanpan_jobs_total',
    help: 'Jobs, by what became of them: done, failed (and tried again later), parked.',
    labelNames: ['task', 'result'],
    registers: [this.registry],
  });

  readonly sweeps = new Gauge({
    name: 'suanpan_sweep_timestamp_seconds',
    help: 'When a sweep last came to its end, in seconds since 1970. Only where there is a worker.',
    labelNames: ['sweep'],
    registers: [this.registry],
  });

  readonly failedSweeps = new Counter({
    name: 'suanpan_sweep_failures_total',
    help: 'Runs of a sweep that failed.',
    labelNames: ['sweep'],
    registers: [this.registry],
  });

  readonly databaseUp = new Gauge({
    name: 'suanpan_database_up',
    help: 'Whether the database answered this process when it last asked, at most ten seconds ago: 1 or 0.',
    registers: [this.registry],
  });

  readonly pool = new Gauge({
    name: 'suanpan_database_pool',
    help: 'Connections of the pool that are in use or idle, and those who wait for one.',
    labelNames: ['state'],
    registers: [this.registry],
  });

  readonly migrations = new Gauge({
    name: 'suanpan_migrations',
    help: 'Migrations that the database lacks (pending), and those that only a later version knows (newer).',
    labelNames: ['state'],
    registers: [this.registry],
  });

  readonly workerLag = new Gauge({
    name: 'suanpan_worker_lag_seconds',
    help: 'For how long the oldest job that could be done waits for a worker.',
    registers: [this.registry],
  });

  readonly parkedJobs = new Gauge({
    name: 'suanpan_jobs_parked',
    help: 'Jobs that failed as often as they may. Only where there is a worker.',
    registers: [this.registry],
  });

  readonly clockSkew = new Gauge({
    name: 'suanpan_clock_skew_seconds',
    help: 'By how much the clock of this machine is ahead of the database’s.',
    registers: [this.registry],
  });

  readonly brokenInvariants = new Gauge({
    name: 'suanpan_invariants_broken',
    help: 'Invariants that were broken when this process last looked; looking is asked for at GET /v1/admin/invariants.',
    registers: [this.registry],
  });

  readonly lookedAtInvariants = new Gauge({
    name: 'suanpan_invariants_looked_at_timestamp_seconds',
    help: 'When this process last looked at the invariants, in seconds since 1970; 0 is never.',
    registers: [this.registry],
  });

  private gather = (): Promise<string> => this.registry.metrics();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Whichever process is asked answers for all of them, each with its name. */
  isOneOfSeveral(process: string, gather: () => Promise<string>): void {
    this.registry.setDefaultLabels({ process });
    this.gather = gather;
  }

  /** In the text format of Prometheus. */
  text(): Promise<string> {
    return this.gather();
  }

  /** Those of this process. */
  figures(): Promise<MetricObjectWithValues<MetricValue<string>>[]> {
    return this.registry.getMetricsAsJSON();
  }

  observe(fastify: FastifyInstance): void {
    fastify.addHook('onResponse', (request, reply, done) => {
      const labels = { method: request.method, route: routeOf(request) ?? 'none', status: reply.statusCode };
      this.requests.observe(labels, reply.elapsedTime / 1000);
      done();
    });
  }
}
