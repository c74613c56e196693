import { isDeepStrictEqual } from 'node:util';
import type { Provider } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';

import { AppModule } from '../../src/app.module.js';
import { PaymentSettings } from '../../src/payment/payment-settings.js';
import { createHttpApplication, serveDocumentation, type HttpOptions } from '../../src/platform/http/http-application.js';
import { openApiDocument } from '../../src/platform/http/openapi.js';
import { watchTransactions } from '../../src/platform/events/transactions.js';
import type { PlatformOptions } from '../../src/platform/platform.module.js';
import type { ManualClock } from './manual-clock.js';

class WithTestProviders {}

/** Where a test's program is not like the others'. */
export interface WorldOptions {
  readonly http?: Partial<HttpOptions>;
  readonly platform?: Partial<PlatformOptions>;
}

/** What the program is started with, the first time and after a crash. */
interface Start {
  readonly databaseUrl: string;
  readonly clock: ManualClock;
  readonly secretsKey: Buffer;
  readonly providers: readonly Provider[];
  /** Any where it is 0. */
  readonly port: number;
  readonly options: WorldOptions;
}

/** It says the same of each program, and a spec that starts many of them makes it once. */
let document: OpenAPIObject | undefined;

/** An answer that its schema would leave something out of, or write otherwise, is a 500 in tests: the document does not describe it. */
function failWhereWrittenOtherwise(app: NestFastifyApplication): void {
  const meant = new WeakMap<object, unknown>();
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('preSerialization', (request, _reply, payload, done) => {
      meant.set(request, payload);
      done(null, payload);
    })
    .addHook('onSend', (request, _reply, written) => {
      const payload = meant.get(request);
      if (payload === undefined || typeof written !== 'string') return Promise.resolve(written);
      const isAsMeant = isDeepStrictEqual(JSON.parse(written), JSON.parse(JSON.stringify(payload)));
      return isAsMeant
        ? Promise.resolve(written)
        : Promise.reject(new Error(`the document describes this otherwise: ${JSON.stringify(payload)}`));
    });
}

export async function startProgram({ databaseUrl, clock, secretsKey, providers, port, options }: Start): Promise<NestFastifyApplication> {
  watchTransactions();
  const module = AppModule.forRoot({
    platform: { database: { url: databaseUrl, poolSize: 10 }, clock, ...options.platform },
    payment: {
      publicUrl: 'http://127.0.0.1',
      secretsKeys: [secretsKey],
      // A gateway that was broken for a test is called again at once when it is mended.
      client: { connectTimeout: 1_000, totalTimeout: 2_000, rest: 0 },
    },
    autoCompleteAfterDays: 10,
  });
  const app = await createHttpApplication(
    { module: WithTestProviders, imports: [module], providers: [...providers] },
    { logger: false, ...options.http },
  );
  serveDocumentation(app, (document ??= openApiDocument(app, 'http://127.0.0.1')));
  failWhereWrittenOtherwise(app);
  await app.listen(port, '127.0.0.1');
  // The port is known only now; gateways call back to it.
  app.get(PaymentSettings).reachedAt(await app.getUrl());
  return app;
}
