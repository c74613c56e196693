import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { connectionsWanted, loadConfig, usualApiProcesses } from '../src/config.js';

describe('The settings', () => {
  const dir = mkdtempSync(join(tmpdir(), 'suanpan-config-'));
  const file = (name: string, content: string) => {
    const path = join(dir, name);
    writeFileSync(path, content);
    return path;
  };
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const other = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const weak = generateKeyPairSync('rsa', {
    modulusLength: 1024,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const production = {
    NODE_ENV: 'production',
    DATABASE_URL: 'postgres://shop:s3cret@db.example:5432/shop',
    PUBLIC_URL: 'https://pay.example.com',
    BOOTSTRAP_API_KEY: 'sk_live_0123456789abcdef01234567',
    ALIPAY_GATEWAY_URL: 'https://openapi.alipay.com/gateway.do',
    ALIPAY_APP_ID: '2021000122671080',
    ALIPAY_SELLER_ID: '2088102180000001',
    ALIPAY_PRIVATE_KEY_FILE: file('private.pem', privateKey),
    ALIPAY_PUBLIC_KEY_FILE: file('public.pem', other.publicKey),
    SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
  };

  afterAll(() => rmSync(dir, { recursive: true }));

  it('need nothing for development', () => {
    expect(loadConfig({})).toMatchObject({
      production: false,
      port: 3000,
      databaseUrl: undefined,
      gatewayAccounts: [],
      secretsKeys: [],
      publicUrl: undefined,
      callbackRetentionDays: 400,
      eventRetentionDays: undefined,
    });
    expect(loadConfig({ EVENT_RETENTION_DAYS: '1000', CALLBACK_RETENTION_DAYS: '90' })).toMatchObject({
      eventRetentionDays: 1_000,
      callbackRetentionDays: 90,
    });
  });

  it('are complete for production', () => {
    expect(loadConfig(production)).toMatchObject({
      production: true,
      publicUrl: 'https://pay.example.com',
      gatewayAccounts: [{ gateway: 'alipay', fields: { appId: '2021000122671080' } }],
      secretsKeys: [Buffer.alloc(32, 7)],
    });
  });

  it.each([
    ['DATABASE_URL', ''],
    ['DATABASE_URL', 'mysql://db/shop'],
    ['DATABASE_URL', 'db.example'],
    ['PUBLIC_URL', ''],
    ['PUBLIC_URL', 'https://pay.example.com/base'],
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['NODE_ENV', 'prod'],
    ['LOG_LEVEL', 'loud'],
    ['BOOTSTRAP_API_KEY', 'secret'],
    ['AUTO_COMPLETE_AFTER_DAYS', '0'],
    ['WEB_CONCURRENCY', '0'],
    ['WEB_CONCURRENCY', '65'],
    ['WEB_CONCURRENCY', '1.5'],
    ['WEB_CONCURRENCY', 'max'],
    ['MAX_REQUESTS_IN_FLIGHT', '0'],
    ['MAX_REQUESTS_IN_FLIGHT', 'none'],
    ['RATE_LIMIT_PER_MINUTE', 'none'],
    ['RATE_LIMIT_PER_MINUTE', '-1'],
    ['RATE_LIMIT_WRONG_KEYS_PER_MINUTE', '1e9'],
    ['TRUSTED_PROXIES', 'proxy.internal'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.0/8/8'],
    ['TRUSTED_PROXIES', '*'],
    ['CALLBACK_RETENTION_DAYS', '29'],
    ['CALLBACK_RETENTION_DAYS', 'for ever'],
    ['EVENT_RETENTION_DAYS', '89'],
    ['EVENT_RETENTION_DAYS', '1e3'],
    ['SECRETS_KEY', ''],
    ['SECRETS_KEY', 'c2hvcnQ='],
    ['SECRETS_KEY', 'z'.repeat(64)],
    ['SECRETS_KEY', `${Buffer.alloc(32, 7).toString('base64')}tail`],
    ['SECRETS_KEY_PREVIOUS', 'c2hvcnQ='],
    ['ALIPAY_GATEWAY_URL', ''],
    ['ALIPAY_GATEWAY_URL', 'openapi.alipay.com'],
    ['ALIPAY_GATEWAY_URL', 'http://openapi.alipay.com/gateway.do'],
    ['ALIPAY_GATEWAY_URL', 'https://127.0.0.1/gateway.do'],
    ['ALIPAY_GATEWAY_URL', 'https://169.254.169.254/gateway.do'],
    ['ALIPAY_GATEWAY_URL', 'https://gateway.internal/gateway.do'],
    ['INNER_GATEWAY_HOSTS', 'https://10.0.0.7'],
    ['INNER_GATEWAY_HOSTS', '10.0.0.7:443'],
    ['ALIPAY_APP_ID', ''],
    ['ALIPAY_APP_ID', 'my-app'],
    ['ALIPAY_APP_ID', '9021000000000001'],
    ['ALIPAY_SELLER_ID', ''],
    ['ALIPAY_SELLER_ID', '2088'],
    ['ALIPAY_PRIVATE_KEY_FILE', ''],
    ['ALIPAY_PRIVATE_KEY_FILE', join(dir, 'nowhere.pem')],
    ['ALIPAY_PRIVATE_KEY_FILE', file('public-as-private.pem', publicKey)],
    ['ALIPAY_PRIVATE_KEY_FILE', file('broken.pem', privateKey.replace(/[a-z]/g, 'A'))],
    ['ALIPAY_PRIVATE_KEY_FILE', file('weak.pem', weak.privateKey)],
    ['ALIPAY_PRIVATE_KEY_FILE', file('simulated.pem', `Suanpan simulator key: never for production\n${privateKey}`)],
    ['ALIPAY_PUBLIC_KEY_FILE', file('own-public.pem', publicKey)],
    ['ALIPAY_PUBLIC_KEY_FILE', ''],
    ['ALIPAY_PUBLIC_KEY_FILE', file('private-as-public.pem', privateKey)],
    ['ALIPAY_PUBLIC_KEY_FILE', file('simulated-public.pem', `Suanpan simulator key: never for production\n${publicKey}`)],
  ])('refuse %s=%s in one line that names it and tells no secret', (setting, value) => {
    let said = '';
    try {
      loadConfig({ ...production, [setting]: value });
    } catch (error) {
      said = (error as Error).message;
    }
    expect(said).toMatch(new RegExp(`^${setting}: .+$`));
    expect(said).not.toContain('s3cret');
    expect(said).not.toContain('BEGIN');
  });

  const here = 'postgres://shop@127.0.0.1/shop';
  const elsewhere = 'postgres://shop@db.example/shop';

  it.each([
    [1, undefined, 1],
    [2, undefined, 1],
    [2, elsewhere, 1],
    [4, undefined, 2],
    [4, here, 2],
    [4, 'postgres://shop@localhost/shop', 2],
    [4, 'postgres://shop@[::1]/shop', 2],
    [4, 'postgres:///shop', 2],
    [4, elsewhere, 3],
    [7, here, 3],
    [64, here, 8],
    [64, elsewhere, 8],
  ])('take of %s cores, with the database at %s, %s for the API', (cores, databaseUrl, processes) => {
    expect(usualApiProcesses(cores, databaseUrl)).toBe(processes);
  });

  it('limit what a key and an address may do, unless they are told not to', () => {
    expect(loadConfig({})).toMatchObject({ rateLimit: 1_000_000, wrongKeyLimit: 300, trustedProxies: [] });
    const told = { RATE_LIMIT_PER_MINUTE: '600', RATE_LIMIT_WRONG_KEYS_PER_MINUTE: '0', TRUSTED_PROXIES: '10.0.0.7, fd00::/8' };
    expect(loadConfig(told)).toMatchObject({ rateLimit: 600, wrongKeyLimit: undefined, trustedProxies: ['10.0.0.7', 'fd00::/8'] });
  });

  it('take the number of processes that they are told', () => {
    expect(loadConfig({ WEB_CONCURRENCY: '3', MAX_REQUESTS_IN_FLIGHT: '200' })).toMatchObject({
      apiProcesses: 3,
      maxRequestsInFlight: 200,
    });
  });

  it.each(['http://10.0.0.7/gateway.do', 'http://Line.Example:8080/gateway.do', 'https://[fd00::7]/gateway.do'])(
    'take %s for a gateway in production where its host is named',
    (url) => {
      const hosts = '10.0.0.7, line.example,[fd00::7]';
      const config = loadConfig({ ...production, ALIPAY_GATEWAY_URL: url, INNER_GATEWAY_HOSTS: hosts });
      expect(config).toMatchObject({ innerGatewayHosts: ['10.0.0.7', 'line.example', '[fd00::7]'] });
      expect(config.gatewayAccounts).toMatchObject([{ fields: { gatewayUrl: url } }]);
      expect(loadConfig({ ...production, NODE_ENV: 'development', ALIPAY_GATEWAY_URL: url }).innerGatewayHosts).toBe('any');
    },
  );

  it('count the connections of all processes, and of the jobs', () => {
    expect(connectionsWanted({ apiProcesses: 1, databasePoolSize: 10 })).toBe(15);
    expect(connectionsWanted({ apiProcesses: 4, databasePoolSize: 10 })).toBe(55);
  });

  it('take all of Alipay or none of it, in development too', () => {
    expect(() => loadConfig({ ALIPAY_APP_ID: '2021000122671080' })).toThrow(/^ALIPAY_GATEWAY_URL: is missing$/);
  });
});
