import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformFileSync } from '@swc/core';
import { AlipaySdk } from 'alipay-sdk';
import { simulatorKeysIn } from '../../simulator/keys.js';
import { readSettings } from '../../simulator/settings.js';

describe('The program', () => {
  let folder: string;
  let keys: string;
  const children: ChildProcess[] = [];

  // The program as a build would leave it, made here so that the tests need none.
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'simulator-program-'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
    for (const file of readdirSync('simulator', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))) {
      const target = join(folder, 'simulator', file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      const options = {
        swcrc: false,
        module: { type: 'es6' as const },
        jsc: { target: 'es2022' as const, parser: { syntax: 'typescript' as const } },
      };
      writeFileSync(target, transformFileSync(join('simulator', file), options).code);
    }
    // Made once: a first start makes keys for three gateways, and only one of these tests is about that.
    keys = join(folder, 'keys');
    await simulatorKeysIn(keys);
  });

  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  function start(env: Record<string, string>): {
    child: ChildProcess;
    ready: Promise<string>;
    ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  } {
    const dataDir = mkdtempSync(join(folder, 'data-'));
    cpSync(keys, dataDir, { recursive: true });
    const own = { SIMULATOR_PORT: '0', SIMULATOR_DATA_DIR: dataDir, ...env };
    const child = spawn(process.execPath, ['simulator/main.js'], { cwd: folder, env: { PATH: process.env.PATH, ...own } });
    children.push(child);
    let stdout = '';
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ready = new Promise<string>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        const url = /^simulator ready (\S+)$/m.exec(stdout)?.[1];
        if (url) resolve(url);
      });
    });
    const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
      child.on('close', (code) => resolve({ code, stdout, stderr })),
    );
    return { child, ready, ended };
  }

  it('says where it is and what a backend needs, and stops when told', async () => {
    const { child, ready, ended } = start({});
    const url = await ready;
    expect((await fetch(`${url}/log`)).status).toBe(200);
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`ALIPAY_GATEWAY_URL=${url}/gateway.do\nALIPAY_APP_ID=9021000000000001\nALIPAY_SELLER_ID=2088000000000001\n`);
    const keyFile = /^ALIPAY_PRIVATE_KEY_FILE=(.+)$/m.exec(stdout)?.[1] ?? '';
    expect(readFileSync(keyFile, 'utf8')).toMatch(/^Suanpan simulator key: never for production\n-----BEGIN PRIVATE KEY-----/);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(`simulator ready ${url}`);

    const said = new Map([...stdout.matchAll(/^([A-Z][A-Z0-9_]+)=(.+)$/gm)].map(([, name = '', value = '']) => [name, value]));
    expect([...said.keys()].filter((name) => !name.startsWith('ALIPAY_'))).toEqual([
      ...['BASE_URL', 'MCH_ID', 'APP_ID', 'SERIAL_NO', 'PRIVATE_KEY_FILE', 'API_V3_KEY', 'PUBLIC_KEY_ID', 'PUBLIC_KEY_FILE'].map(
        (name) => `WECHATPAY_${name}`,
      ),
      ...['GATEWAY_URL', 'MER_ID', 'CERT_FILE', 'ROOT_CERT_FILE', 'MIDDLE_CERT_FILE'].map((name) => `UNIONPAY_${name}`),
    ]);
    expect(said.get('WECHATPAY_BASE_URL')).toBe(url);
    expect([said.get('WECHATPAY_MCH_ID'), said.get('UNIONPAY_MER_ID')]).toEqual(['1900000001', '777290000000001']);
    expect(said.get('WECHATPAY_SERIAL_NO')).toMatch(/^[0-9A-F]{40}$/);
    expect(said.get('WECHATPAY_API_V3_KEY')).toMatch(/^[0-9A-Za-z]{32}$/);
    for (const [name, file] of said) {
      if (!name.endsWith('_FILE')) continue;
      expect(readFileSync(file, 'utf8')).toMatch(
        /^Suanpan simulator key: never for production\n-----BEGIN (PRIVATE KEY|PUBLIC KEY|CERTIFICATE)-----/,
      );
    }
  });

  it('ends with its parent, whose end of standard input then closes', async () => {
    const { child, ready, ended } = start({ SIMULATOR_EXIT_WITH_PARENT: '1' });
    await ready;
    child.stdin?.destroy();
    expect((await ended).code).toBe(0);
  });

  it('remembers after a kill -9 what it had answered', async () => {
    const dataDir = mkdtempSync(join(folder, 'killed-'));
    const first = start({ SIMULATOR_DATA_DIR: dataDir });
    const gateway = `${await first.ready}/gateway.do`;
    const pem = readFileSync(join(dataDir, 'alipay/app-private-key.pem'), 'utf8');
    const privateKey = pem.slice(pem.indexOf('-----BEGIN')).trim();
    const sdk = new AlipaySdk({ appId: '9021000000000001', privateKey, keyType: 'PKCS8', gateway });
    const order = { outTradeNo: 'KILLED', totalAmount: '5.00', subject: '茶' };
    expect(await sdk.exec('alipay.trade.precreate', { bizContent: order })).toMatchObject({ code: '10000' });
    first.child.kill('SIGKILL');
    await first.ended;
    const log = await fetch(`${await start({ SIMULATOR_DATA_DIR: dataDir }).ready}/log`);
    expect(await log.json()).toMatchObject({ unopened: [{ outTradeNo: 'KILLED', totalAmount: 500 }] });
  });

  it('names the setting that is wrong, in one line', async () => {
    const taken = createServer();
    await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
    const port = String((taken.address() as AddressInfo).port);
    const expectations: [Record<string, string>, RegExp][] = [
      [{ SIMULATOR_PORT: port }, new RegExp(`^SIMULATOR_PORT: port ${port} .*in use\n$`)],
      [{ SIMULATOR_PORT: '70000' }, /^SIMULATOR_PORT: [^\n]+\n$/],
      [{ SIMULATOR_HOST: '192.0.2.1' }, /^SIMULATOR_HOST: [^\n]+\n$/],
      [{ SIMULATOR_DATA_DIR: join(folder, 'package.json') }, /^SIMULATOR_DATA_DIR: [^\n]+\n$/],
    ];
    for (const [env, line] of expectations)
      expect(await start(env).ended).toMatchObject({ code: 1, stderr: expect.stringMatching(line) as unknown });
    await new Promise((closed) => taken.close(closed));
  });

  it('has defaults for every setting', () => {
    const defaults = { port: 4000, host: '127.0.0.1', dataDir: '.data/simulator', exitWithParent: false };
    expect(readSettings({})).toEqual(defaults);
    expect(readSettings({ SIMULATOR_PORT: '', SIMULATOR_HOST: ' ' })).toEqual(defaults);
    for (const port of ['-1', '4e3', '0x10', 'http', '65536'])
      expect(() => readSettings({ SIMULATOR_PORT: port })).toThrow(/^SIMULATOR_PORT: /);
    expect(() => readSettings({ SIMULATOR_HOST: 'a b' })).toThrow(/^SIMULATOR_HOST: /);
    expect(() => readSettings({ SIMULATOR_EXIT_WITH_PARENT: 'yes' })).toThrow(/^SIMULATOR_EXIT_WITH_PARENT: /);
  });
});
