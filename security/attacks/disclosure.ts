import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Attack, Family } from '../attack.js';
import { must, same } from '../findings.js';
import { operationsOf } from '../world/api-document.js';
import { addressOf, estateOf } from '../world/estate.js';
import type { Scene } from '../world/scene.js';

/** What only the program may know: keys as they lie in its own folder. */
function secretsOf({ program }: Scene): readonly string[] {
  const folder = join(program.dataDir, 'simulator');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /private-key\.pem$|api-v3-key|merchant-certificate\.pem$/.test(name),
  );
  const lines = files.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  const ofKeys = lines.filter((line, at) => /^[A-Za-z0-9+/=]{40,}$/.test(line) || (/^\S{32}$/.test(line) && at > 0));
  const sealing = join(program.dataDir, 'secrets-key');
  const certificates = new Set(
    lines.filter(
      (_, at) =>
        lines.slice(0, at).lastIndexOf('-----BEGIN CERTIFICATE-----') > lines.slice(0, at).lastIndexOf('-----END CERTIFICATE-----'),
    ),
  );
  return [...ofKeys.filter((line) => !certificates.has(line)), ...(existsSync(sealing) ? [readFileSync(sealing, 'utf8').trim()] : [])];
}

const answers: Attack = {
  name: 'keys and secrets in any answer to the one who may see the most',
  after: 'CWE-200, CWE-522, OWASP API3:2023',
  run: async (scene) => {
    const secrets = secretsOf(scene);
    must(secrets.length > 20, `only ${secrets.length} secrets are known`);
    const estate = await estateOf(scene);
    const seen: string[] = [];
    for (const operation of (await operationsOf(scene.shop)).filter(({ method }) => method === 'GET')) {
      const { text } = await scene.shop.get(addressOf(estate, operation));
      seen.push(text);
      for (const secret of secrets)
        must(!text.includes(secret) && !text.includes(encodeURIComponent(secret)), `${operation.route} shows a secret`);
      must(!text.includes(scene.program.apiKey), `${operation.route} shows the API key`);
    }
    must(
      seen.some((text) => text.includes('sk_test_…')),
      'no answer shows as much of a key as may be shown',
    );
  },
};

const stored: Attack = {
  name: 'secrets in the database, for whoever has a copy of it',
  after: 'CWE-312 (cleartext storage), CWE-256',
  run: async (scene) => {
    await estateOf(scene);
    const secrets = [...secretsOf(scene), scene.program.apiKey];
    const tables = await scene.books.rows<{ name: string }>(
      "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'graphile_worker')",
    );
    for (const { name } of tables) {
      const rows = await scene.books.rows<{ t: string }>(`SELECT t::text AS t FROM ${name} t`);
      for (const { t } of rows) for (const secret of secrets) must(!t.includes(secret), `${name} has a secret in the clear`);
    }
  },
};

const logs: Attack = {
  name: 'secrets and card numbers in the log',
  after: 'CWE-532 (secrets in log files); Twitter and GitHub (2018)',
  run: async (scene) => {
    const card = '4111111111111111';
    const key = scene.program.apiKey;
    await scene.stranger.get(`/v1/orders?api_key=${key}`, { 'x-request-id': key });
    await scene.post('alipay', {
      headers: { 'content-type': 'text/plain', authorization: `Bearer ${key}` },
      body: Buffer.from(`accNo=${card}&out_trade_no=${key}`),
    });
    await scene.shop.post('/v1/products', `{"sku":"${key}","name":"${card}","price":"x"`);
    await scene.shop.get(`/v1/orders/${key}`);
    const said = scene.program.said();
    // The banner is for the one who started it, and shows the key once, on purpose.
    const log = said
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .join('\n');
    for (const secret of [key, card, ...secretsOf(scene)]) must(!log.includes(secret), `the log has ${secret.slice(0, 8)}… in it`);
    const inbox = (await scene.shop.get('/v1/callbacks?limit=20')).text;
    must(!inbox.includes(card) && !inbox.includes(key), 'the inbox shows a card number or a key');
  },
};

const PROBES = [
  '/.env',
  '/.git/config',
  '/package.json',
  '/node_modules/pg/package.json',
  '/docs/../package.json',
  '/docs/..%2f..%2fpackage.json',
  '/docs/%2e%2e/%2e%2e/etc/passwd',
  '/docs/....//....//etc/passwd',
  '/docs/swagger-ui.css/../../package.json',
  '/docs//etc/passwd',
  '/etc/passwd',
  '/.data/api-key',
  '/api-key',
  '/server-status',
  '/debug/pprof',
  '/actuator/env',
  '/phpinfo.php',
  '/graphql',
  '/admin',
  '/v1/../.data/secrets-key',
  '/docs/swagger-ui-init.js%00.html',
];

const files: Attack = {
  name: 'files that lie beside the program, and what others leave open',
  after: 'CWE-22 (path traversal), CWE-538; CVE-2021-41773 (Apache)',
  run: async (scene) => {
    for (const path of PROBES) {
      const { status, text } = await scene.stranger.get(path);
      must(status >= 400 && status < 500, `${path} was answered with ${status}`);
      must(!/root:x:|"dependencies"|sk_test_/.test(text), `${path} shows ${text.slice(0, 100)}`);
    }
    same((await scene.stranger.get('/health/live')).status, 200, 'what is open');
  },
};

const errors: Attack = {
  name: 'errors that tell of the code, the database or the machine',
  after: 'CWE-209 (information in errors), CWE-497',
  run: async (scene) => {
    const estate = await estateOf(scene);
    const bad = ['{', '{"a":', '\u0000', '[1,2', 'undefined'];
    for (const operation of (await operationsOf(scene.shop)).filter(({ isOpen }) => !isOpen)) {
      const path = addressOf(estate, operation, operation.route.includes('{') ? '%ff%00..%5c' : undefined);
      for (const body of operation.method === 'GET' ? [undefined] : bad) {
        const answer = await scene.shop.send(operation.method, path, body);
        must(answer.status >= 400 || operation.method === 'GET', `${operation.method} ${path} took ${JSON.stringify(body)}`);
        must(
          !/\\n +at |node_modules|\/dist\/|\.ts:|postgres|typeorm|fastify|nestjs/i.test(answer.text),
          `${path} tells ${answer.text.slice(0, 200)}`,
        );
        for (const header of ['server', 'x-powered-by'])
          must(!answer.headers.has(header), `${path} says what it runs on: ${answer.headers.get(header)}`);
      }
    }
    const metrics = (await scene.stranger.get('/metrics')).text;
    must(!metrics.includes(scene.program.apiKey) && !/[0-9a-f]{8}-[0-9a-f]{4}-7/.test(metrics), 'the metrics name keys or orders');
  },
};

const ROUNDS = 150;
/** Keys that share more with a real one must not be refused later. A loop that compares letter by letter over the wire shows far less. */
const SAME_TIME = 0.35;

const timing: Attack = {
  name: 'keys that share more and more of a real one, with a stop-watch',
  after: 'Keyczar (Lawson, 2009), CWE-208 (timing)',
  run: async (scene) => {
    const { apiKey } = scene.program;
    const guesses = [0, 20, apiKey.length - 1].map((length) => `${apiKey.slice(0, length)}${'x'.repeat(apiKey.length - length)}`);
    const took = guesses.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [at, guess] of guesses.entries()) {
        const answer = await scene.stranger.get('/v1/orders', { authorization: `Bearer ${guess}` });
        same(answer.status, 401, 'a guess');
        took[at]?.push(answer.took);
      }
    }
    const medians = took.map(median);
    const [least, most] = [Math.min(...medians), Math.max(...medians)];
    must(most - least < least * SAME_TIME + 0.5, `the medians are ${medians.map((one) => one.toFixed(2)).join(', ')} ms`);
    same((await scene.shop.get('/v1/orders?limit=1')).status, 200, 'the whole key');
  },
};

function median(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
}

export const DISCLOSURE: Family = { name: 'What nobody may learn', attacks: [answers, stored, logs, files, errors, timing] };
