import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformFileSync } from '@swc/core';
import { useDesk, vectors } from './support.js';

/** What the command line needs of the program, and nothing beside it: a missing module would end it. */
const FOLDERS = ['cli', 'src/kernel', 'src/payment/gateway'];

describe('The process', () => {
  const desk = useDesk();
  let folder: string;

  // The program as a build would leave it, made here so that the tests need none. Packages are left out: it needs none to start.
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'suanpan-cli-program-'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const sources = FOLDERS.flatMap((top) => readdirSync(top, { recursive: true, encoding: 'utf8' }).map((name) => join(top, name)));
    for (const file of sources.filter((name) => name.endsWith('.ts'))) {
      const target = join(folder, file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      const jsc = { target: 'es2022' as const, parser: { syntax: 'typescript' as const, decorators: true } };
      writeFileSync(target, transformFileSync(file, { swcrc: false, module: { type: 'es6' }, jsc }).code);
    }
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  function suanpan(args: readonly string[], input: string | Buffer = '', cwd = desk.folder): SpawnSyncReturns<string> {
    const env = { PATH: process.env.PATH };
    return spawnSync(process.execPath, [join(folder, 'cli/main.js'), ...args], { cwd, env, input: input.toString(), encoding: 'utf8' });
  }

  const [[, genuine], , [, foreign]] = vectors('alipay/alipay.v2.notify-verify') as [
    [string, { inputs: never; keys: never }],
    unknown,
    [string, { inputs: never; keys: never }],
  ];
  const bodyOf = ({ inputs }: { inputs: Readonly<Record<string, unknown>> }): string => String(inputs['formBody']);
  const keyOf = ({ keys }: { keys: Readonly<Record<string, unknown>> }): string => String(keys['alipayPublicKeyPem']);

  it('ends with 0, 1 or 2', () => {
    const key = desk.file(keyOf(genuine), 'key.pem');
    const verified = suanpan(['verify-callback', 'alipay', '--body', desk.file(bodyOf(genuine)), '--key', key]);
    expect(verified).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(/^VERIFIED/) as string });
    const refused = suanpan(['verify-callback', 'alipay', '--body', desk.file(bodyOf(foreign)), '--key', key]);
    expect(refused).toMatchObject({ status: 1, stderr: '', stdout: expect.stringMatching(/^NOT VERIFIED/) as string });
    expect(suanpan(['verify-callback', 'alipay'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^suanpan verify-callback: .*\n$/) as string,
    });
    expect(suanpan([])).toMatchObject({ status: 2, stdout: '' });
    expect(suanpan(['--help'])).toMatchObject({ status: 0, stderr: '' });
  });

  it('reads the standard input, and prints JSON', () => {
    const key = desk.file(keyOf(genuine), 'key.pem');
    const { status, stdout } = suanpan(['verify-callback', 'alipay', '--body', '-', '--key', key, '--json'], bodyOf(genuine));
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'verified', gateway: 'alipay', notice: { says: 'paid' } });
  });

  it('takes what .env says in the folder it was started in', () => {
    const place = mkdtempSync(join(desk.folder, 'shop-'));
    writeFileSync(join(place, 'alipay.pem'), keyOf(genuine));
    writeFileSync(join(place, '.env'), 'ALIPAY_PUBLIC_KEY_FILE=alipay.pem\n');
    expect(suanpan(['verify-callback', 'alipay', '--body', '-'], bodyOf(genuine), place).status).toBe(0);
    expect(suanpan(['verify-callback', 'alipay', '--body', '-'], bodyOf(genuine)).status).toBe(2);
  });
});
