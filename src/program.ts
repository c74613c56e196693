import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';

import { AppModule } from './app.module.js';
import { ConfigError, connectionsWanted, type Config } from './config.js';
import { fillExamples } from './examples.js';
import { newId } from './kernel/ids.js';
import { Merchants } from './merchant/merchants.js';
import { migrations } from './migrations/index.js';
import { GatewayAccounts } from './payment/accounts/gateway-accounts.js';
import { PaymentSettings } from './payment/payment-settings.js';
import { PostgresTooOld, migrate } from './platform/database/migrate.js';
import { Transactions, watchTransactions } from './platform/events/transactions.js';
import { createHttpApplication, serveDocumentation } from './platform/http/http-application.js';
import { Metrics } from './platform/http/metrics.js';
import { openApiDocument } from './platform/http/openapi.js';
import { Worker } from './platform/jobs/worker.js';
import { PinoLogger } from './platform/logging/pino-logger.js';
import { RateLimitSettings } from './platform/rate-limits/rate-limit-settings.js';
import { Readiness } from './platform/readiness/readiness.js';
import { CannotOpen } from './platform/secrets/vault.js';

export interface ProgramConfig extends Config {
  readonly databaseUrl: string;
  readonly secretsKeys: readonly [Buffer, ...Buffer[]];
}

/** Brings the schema up to date. Throws `ConfigError` where the database cannot be used. */
export async function bringUpToDate({ databaseUrl }: ProgramConfig): Promise<void> {
  await migrate(databaseUrl, migrations).catch((error: unknown) => {
    throw new ConfigError('DATABASE_URL', databaseProblem(error));
  });
}

/** The program as one process has it: it serves the API, or does the jobs and sweeps, or both. Each step may throw `ConfigError`. */
export class Program {
  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly config: ProgramConfig,
  ) {}

  /** On a database that is up to date. */
  static async create(config: ProgramConfig): Promise<Program> {
    if (!config.production) watchTransactions();
    const publicUrl = config.publicUrl ?? `http://127.0.0.1:${config.port}`;
    const module = AppModule.forRoot({
      platform: {
        database: { url: config.databaseUrl, poolSize: config.databasePoolSize },
        logsAccess: true,
        rateLimits: new RateLimitSettings(config.rateLimit, config.wrongKeyLimit),
        migrations: migrations.map(({ name }) => name),
        retention: { callbacks: config.callbackRetentionDays, events: config.eventRetentionDays },
      },
      payment: { publicUrl, innerHosts: config.innerGatewayHosts, secretsKeys: config.secretsKeys },
      autoCompleteAfterDays: config.autoCompleteAfterDays,
    });
    const app = await createHttpApplication(module, {
      logger: new PinoLogger(config.logLevel),
      maxRequestsInFlight: config.maxRequestsInFlight,
      trustedProxies: config.trustedProxies,
      overTls: publicUrl.startsWith('https:'),
    });
    return new Program(app, config);
  }

  get metrics(): Metrics {
    return this.app.get(Metrics);
  }

  /** What the settings say of the first merchant: its key, and its accounts at gateways. Once, before anybody serves. */
  async setUp(): Promise<void> {
    await this.checkConnections();
    const merchants = this.app.get(Merchants);
    const { bootstrapApiKey, gatewayAccounts, production } = this.config;
    if (bootstrapApiKey !== undefined) await merchants.bootstrap(bootstrapApiKey);
    const merchantId = await merchants.first();
    if (merchantId === undefined) {
      throw new ConfigError('BOOTSTRAP_API_KEY', 'is missing, and the database has no merchant yet: set it to the key of the first one');
    }
    const accounts = this.app.get(GatewayAccounts);
    const origin = { correlationId: newId(), causationId: null, actor: 'system:start' };
    await this.app
      .get(Transactions)
      .run(origin, async (work) => {
        // The first start after an update may have much to bring up to date.
        await work.query('SET LOCAL statement_timeout = 0', []);
        // What a former key sealed is sealed anew.
        await accounts.reseal(work);
        for (const account of gatewayAccounts) await accounts.configure(work, merchantId, account);
      })
      .catch((error: unknown) => {
        if (!(error instanceof CannotOpen)) throw error;
        throw new ConfigError(
          'SECRETS_KEY',
          `cannot open the gateway accounts in the database: ${error.message}; a former key goes into SECRETS_KEY_PREVIOUS`,
        );
      });
    if (production && (await accounts.all()).length === 0) {
      process.stderr.write('no gateway is set up: set ALIPAY_*, WECHATPAY_* or UNIONPAY_*, or POST /v1/admin/gateway-accounts\n');
    }
  }

  /** Answers the API from now on, and says where. */
  async serve(): Promise<string> {
    const { host, port, publicUrl, production } = this.config;
    serveDocumentation(
      this.app,
      openApiDocument(this.app, publicUrl ?? `http://127.0.0.1:${port}`),
      production ? undefined : (document) => fillExamples(document, this.app.get(DataSource)),
    );
    // Fastify itself listens: Nest would log the failure besides, and one line is to say it.
    await this.app.init();
    const server = this.app.getHttpAdapter().getInstance();
    const listening = await server.listen({ port, host }).catch((error: unknown) => {
      throw listenProblem(error, this.config);
    });
    const url = listening.replace('[::1]', '127.0.0.1').replace('0.0.0.0', '127.0.0.1');
    this.reachedAt(url);
    this.app.get(Readiness).watch();
    return url;
  }

  /** Where nobody said how the program is reached, it is where it listens. */
  reachedAt(url: string): void {
    if (this.config.publicUrl === undefined) this.app.get(PaymentSettings).reachedAt(url);
  }

  /** Does jobs and sweeps from now on. */
  async work(): Promise<void> {
    await this.app.init();
    await this.app.get(Worker).start(this.config.databaseUrl);
    this.app.get(Readiness).watch();
  }

  /** Takes nothing more, from clients or out of the queue, finishes what is under way, and lets go of the database. */
  async stop(): Promise<void> {
    try {
      // Both at once: a job that takes its time must not keep the door open.
      await Promise.all([this.app.getHttpAdapter().getInstance().close(), this.app.get(Worker).stop()]);
    } finally {
      await this.app.close();
    }
  }

  /** Connections are opened as they are needed, so what is too many would show only when it hurts. */
  private async checkConnections(): Promise<void> {
    const [row] = await this.app.get(DataSource).query<{ let_in: number }[]>(
      `SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
              - coalesce(current_setting('reserved_connections', true), '0')::int AS let_in`,
    );
    const wanted = connectionsWanted(this.config);
    if (!row || wanted <= row.let_in) return;
    throw new ConfigError(
      'DATABASE_POOL_SIZE',
      `all processes together may want ${wanted} connections, and the database lets in ${row.let_in}: lower it or WEB_CONCURRENCY, or raise max_connections`,
    );
  }
}

export interface RunningProgram {
  readonly url: string;
  stop(): Promise<void>;
}

/** All of it in this process. Throws `ConfigError` where a setting is at fault. */
export async function startProgram(config: ProgramConfig): Promise<RunningProgram> {
  await bringUpToDate(config);
  const program = await Program.create(config);
  await program.setUp();
  const url = await program.serve();
  await program.work();
  return { url, stop: () => program.stop() };
}

/** What keeps us from the database, without its address, which may carry a password. */
function databaseProblem(error: unknown): string {
  if (error instanceof PostgresTooOld) return error.message;
  const { code, message } = error as { code?: string; message?: string };
  const said = message?.split('\n')[0] ?? '';
  return `the database cannot be used (${[code, said].filter(Boolean).join(': ')})`;
}

function listenProblem(error: unknown, { port, host }: Config): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return new ConfigError('PORT', `${port} is in use: stop what listens there, or choose another`);
    case 'EACCES':
      return new ConfigError('PORT', `${port} may not be used by this user`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ConfigError('HOST', `${host} is no address of this machine`);
    default:
      return error;
  }
}
