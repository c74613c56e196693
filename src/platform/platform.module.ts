import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TypeOrmModule } from '@nestjs/typeorm';

import { Clock } from '../kernel/clock.js';
import { AuditLogController } from './audit/audit-log.controller.js';
import { AccessLogSettings, RefusedAccess } from './audit/refused-access.js';
import { Commands } from './commands/commands.js';
import { IdempotencyRetention } from './commands/idempotency.retention.js';
import { IdempotencyStore } from './commands/idempotency.store.js';
import { dataSourceOptions } from './database/data-source.js';
import { DatabaseClock } from './database/database-clock.js';
import { Partitions, Retention } from './database/partitions.js';
import { Reads } from './database/reads.js';
import { EventBus } from './events/event-bus.js';
import { EventEntity } from './events/event.entity.js';
import { EventLog } from './events/event-log.js';
import { Transactions } from './events/transactions.js';
import { ApiKeyGuard } from './http/api-key.guard.js';
import { HealthController } from './http/health.controller.js';
import { Metrics } from './http/metrics.js';
import { RateLimiting } from './http/rate-limiting.js';
import { WrongKeys } from './http/wrong-keys.js';
import { InvariantsController } from './invariants/invariants.controller.js';
import { AfterCommitTasks } from './jobs/after-commit.js';
import { MarkedMethods } from './jobs/marked-methods.js';
import { JobFigures } from './jobs/job-figures.js';
import { Outbox } from './jobs/outbox.js';
import { ParkedJobsController } from './jobs/parked-jobs.controller.js';
import { Sweeps } from './jobs/sweeps.js';
import { Worker } from './jobs/worker.js';
import { RateLimitSettings } from './rate-limits/rate-limit-settings.js';
import { RateLimitStore } from './rate-limits/rate-limit.store.js';
import { RateLimits } from './rate-limits/rate-limits.js';
import { KnownMigrations, Readiness } from './readiness/readiness.js';

export interface PlatformOptions {
  readonly database: { readonly url: string; readonly poolSize?: number };
  /** Tests move one by hand; the program follows the database's. */
  readonly clock?: Clock;
  /** Days, by table; one that is not named keeps its rows for ever. */
  readonly retention?: Readonly<Record<string, number | undefined>>;
  /** Left out, nobody is limited. */
  readonly rateLimits?: RateLimitSettings;
  /** Who was refused is written down once a minute; left out, only at the end. */
  readonly logsAccess?: boolean;
  /** The names of the migrations that the database must have; where none are said, it is not looked at. */
  readonly migrations?: readonly string[];
}

/** What every module stands on. It knows none of them. */
@Global()
@Module({})
export class PlatformModule {
  static forRoot(options: PlatformOptions): DynamicModule {
    return {
      module: PlatformModule,
      imports: [
        TypeOrmModule.forRoot({ ...dataSourceOptions(options.database), autoLoadEntities: true, retryAttempts: 0 }),
        TypeOrmModule.forFeature([EventEntity]),
        EventEmitterModule.forRoot(),
        DiscoveryModule,
      ],
      controllers: [HealthController, ParkedJobsController, InvariantsController, AuditLogController],
      providers: [
        { provide: APP_GUARD, useClass: ApiKeyGuard },
        options.clock ? { provide: Clock, useValue: options.clock } : { provide: Clock, useClass: DatabaseClock },
        Reads,
        Transactions,
        EventBus,
        EventLog,
        Outbox,
        MarkedMethods,
        AfterCommitTasks,
        Sweeps,
        Worker,
        { provide: Retention, useValue: new Retention(options.retention) },
        Partitions,
        IdempotencyStore,
        IdempotencyRetention,
        Commands,
        { provide: RateLimitSettings, useValue: options.rateLimits ?? new RateLimitSettings(undefined, undefined) },
        { provide: AccessLogSettings, useValue: new AccessLogSettings(options.logsAccess ?? false) },
        RefusedAccess,
        RateLimitStore,
        RateLimits,
        WrongKeys,
        RateLimiting,
        Metrics,
        { provide: KnownMigrations, useValue: new KnownMigrations(options.migrations) },
        Readiness,
        JobFigures,
      ],
      exports: [Clock, Reads, Transactions, Commands, Worker, Sweeps, Metrics, TypeOrmModule],
    };
  }
}
