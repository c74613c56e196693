import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics, type MetricObjectWithValues, type MetricValue } from 'prom-client';

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
      const labels = { method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode };
      this.requests.observe(labels, reply.elapsedTime / 1000);
      done();
    });
  }
}
