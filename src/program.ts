import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';

import { AppModule } from './app.module.js';
import { ConfigError, type Config } from './config.js';
import { fillExamples } from './examples.js';
import { newId, type MerchantId } from './kernel/ids.js';
import { Merchants } from './merchant/merchants.js';
import { migrations } from './migrations/index.js';
import { GatewayAccounts } from './payment/accounts/gateway-accounts.js';
import { PaymentSettings } from './payment/payment-settings.js';
import { PostgresTooOld, migrate } from './platform/database/migrate.js';
import { Transactions } from './platform/events/transactions.js';
import { createHttpApplication, serveDocumentation } from './platform/http/http-application.js';
import { Worker } from './platform/jobs/worker.js';
import { PinoLogger } from './platform/logging/pino-logger.js';
import { CannotOpen } from './platform/secrets/vault.js';

export interface ProgramConfig extends Config {
  readonly databaseUrl: string;
  readonly secretsKeys: readonly [Buffer, ...Buffer[]];
}

export interface Program {
  readonly url: string;
  /** Finishes the jobs and requests under way, and lets go of the database. */
  stop(): Promise<void>;
}

/** The API and its worker, on a database that is brought up to date first. Throws `ConfigError` where a setting is at fault. */
export async function startProgram(config: ProgramConfig): Promise<Program> {
  await migrate(config.databaseUrl, migrations).catch((error: unknown) => {
    throw new ConfigError('DATABASE_URL', databaseProblem(error));
  });
  const listensAt = `http://127.0.0.1:${config.port}`;
  const module = AppModule.forRoot({
    platform: {
      database: { url: config.databaseUrl, poolSize: config.databasePoolSize },
      retention: { callbacks: config.callbackRetentionDays, events: config.eventRetentionDays },
    },
    payment: { publicUrl: config.publicUrl ?? listensAt, production: config.production, secretsKeys: config.secretsKeys },
    autoCompleteAfterDays: config.autoCompleteAfterDays,
  });
  const app = await createHttpApplication(module, { logger: new PinoLogger(config.logLevel) });
  serveDocumentation(
    app,
    config.publicUrl ?? listensAt,
    config.production ? undefined : (document) => fillExamples(document, app.get(DataSource)),
  );

  const merchants = app.get(Merchants);
  if (config.bootstrapApiKey !== undefined) await merchants.bootstrap(config.bootstrapApiKey);
  const merchantId = await merchants.first();
  if (merchantId === undefined) {
    throw new ConfigError('BOOTSTRAP_API_KEY', 'is missing, and the database has no merchant yet: set it to the key of the first one');
  }
  await setUpAccounts(app, merchantId, config);

  // Fastify itself listens: Nest would log the failure besides, and one line is to say it.
  await app.init();
  const server = app.getHttpAdapter().getInstance();
  const listening = await server.listen({ port: config.port, host: config.host }).catch((error: unknown) => {
    throw listenProblem(error, config);
  });
  const url = listening.replace('[::1]', '127.0.0.1').replace('0.0.0.0', '127.0.0.1');
  if (config.publicUrl === undefined) app.get(PaymentSettings).reachedAt(url);
  const worker = app.get(Worker);
  await worker.start(config.databaseUrl);
  return {
    url,
    stop: async () => {
      try {
        await worker.stop();
      } finally {
        await app.close();
      }
    },
  };
}

/** The accounts in the environment go to the first merchant, and what a former key sealed is sealed anew. */
async function setUpAccounts(app: NestFastifyApplication, merchantId: MerchantId, { production, gatewayAccounts }: Config): Promise<void> {
  const accounts = app.get(GatewayAccounts);
  const origin = { correlationId: newId(), causationId: null, actor: 'system:start' };
  await app
    .get(Transactions)
    .run(origin, async (work) => {
      // The first start after an update may have much to bring up to date.
      await work.query('SET LOCAL statement_timeout = 0', []);
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
