import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { SettingProblem } from '../../../src/payment/gateway/settings.js';
import { WECHATPAY_ACCOUNT } from '../../../src/payment/gateway/wechatpay/settings.js';
import { API_V3_KEY, APP_ID, MCH_ID, ours, PUBLIC_KEY_ID, SERIAL_NO, wechats } from './support.js';

const pem = (key: KeyObject) => key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString();
const short = generateKeyPairSync('rsa', { modulusLength: 1024 });

const fields = {
  baseUrl: 'https://api.mch.weixin.qq.com',
  mchId: MCH_ID,
  appId: APP_ID,
  serialNo: SERIAL_NO,
  privateKey: pem(ours.privateKey),
  apiV3Key: API_V3_KEY,
  publicKeyId: PUBLIC_KEY_ID,
  publicKey: pem(wechats.publicKey),
};

function problem(changes: Readonly<Record<string, string | undefined>>): string {
  try {
    WECHATPAY_ACCOUNT.read({ ...fields, ...changes });
  } catch (error) {
    if (error instanceof SettingProblem) return error.message;
    throw error;
  }
  return 'none';
}

describe('The settings of an account at WeChat Pay', () => {
  it('are read', () => {
    const settings = WECHATPAY_ACCOUNT.read({ ...fields, serialNo: SERIAL_NO.toLowerCase(), baseUrl: `${fields.baseUrl}/` });
    expect(settings).toMatchObject({ baseUrl: fields.baseUrl, mchId: MCH_ID, appId: APP_ID, serialNo: SERIAL_NO });
    expect(settings.apiV3Key.export().toString()).toBe(API_V3_KEY);
    expect(settings.publicKey?.id).toBe(PUBLIC_KEY_ID);
    expect(settings.publicKey?.key.equals(wechats.publicKey)).toBe(true);
    expect(WECHATPAY_ACCOUNT.identity(settings)).toBe(`${MCH_ID}/${APP_ID}`);
  });

  it("may have no public key of WeChat Pay's", () => {
    expect(WECHATPAY_ACCOUNT.read({ ...fields, publicKeyId: '', publicKey: undefined })).not.toHaveProperty('publicKey');
  });

  it('are named as the environment names them, and the secret ones are marked', () => {
    expect(WECHATPAY_ACCOUNT.fields.map(({ name }) => name)).toEqual(Object.keys(fields));
    expect(WECHATPAY_ACCOUNT.fields.map(({ setting }) => setting)).toEqual([
      'WECHATPAY_BASE_URL',
      'WECHATPAY_MCH_ID',
      'WECHATPAY_APP_ID',
      'WECHATPAY_SERIAL_NO',
      'WECHATPAY_PRIVATE_KEY_FILE',
      'WECHATPAY_API_V3_KEY',
      'WECHATPAY_PUBLIC_KEY_ID',
      'WECHATPAY_PUBLIC_KEY_FILE',
    ]);
    expect(WECHATPAY_ACCOUNT.fields.filter(({ secret }) => secret).map(({ name }) => name)).toEqual(['privateKey', 'apiV3Key']);
  });

  it.each<[string, Readonly<Record<string, string | undefined>>, RegExp]>([
    ['no mchId', { mchId: undefined }, /^mchId is missing$/],
    ['a mchId in letters', { mchId: 'merchant' }, /^mchId must be/],
    ['an appId that is no such', { appId: '2021000122671080' }, /^appId must be/],
    ['an address with a path', { baseUrl: 'https://api.mch.weixin.qq.com/v3' }, /^baseUrl must be an origin/],
    ['a serial with colons', { serialNo: '5F:1C:72' }, /^serialNo must be/],
    ['no private key', { privateKey: '' }, /^privateKey is missing$/],
    ['a public key for the private one', { privateKey: pem(ours.publicKey) }, /^privateKey is not a PEM/],
    ['a short private key', { privateKey: pem(short.privateKey) }, /^privateKey must hold an RSA key/],
    ['an API v3 key of 31 characters', { apiV3Key: API_V3_KEY.slice(1) }, /^apiV3Key must be 32 ASCII/],
    ['an API v3 key of 33 characters', { apiV3Key: `${API_V3_KEY}1` }, /^apiV3Key must be 32 ASCII/],
    ['an API v3 key of 32 characters that are more bytes', { apiV3Key: '长'.repeat(32) }, /^apiV3Key must be 32 ASCII/],
    ['a key id alone', { publicKey: undefined }, /^publicKey is missing$/],
    ['a public key alone', { publicKeyId: undefined }, /^publicKeyId is missing$/],
    ['a serial for a key id', { publicKeyId: SERIAL_NO }, /^publicKeyId must be PUB_KEY_ID_/],
    ["the merchant's own public key", { publicKey: pem(ours.publicKey) }, /^publicKey is the merchant's own public key/],
    ['a short public key', { publicKey: pem(short.publicKey) }, /^publicKey must hold an RSA key/],
  ])('are refused with %s', (_, changes, expected) => {
    expect(problem(changes)).toMatch(expected);
  });

  it('show no secret of theirs, in a problem or when they are logged', () => {
    const wrong = [
      { apiV3Key: `${API_V3_KEY}x` },
      { privateKey: fields.privateKey.replace('BEGIN', 'BEGUN') },
      { privateKey: fields.privateKey.slice(0, 400) },
    ];
    for (const text of [
      ...wrong.map(problem),
      inspect(WECHATPAY_ACCOUNT.read(fields), { depth: null }),
      JSON.stringify(WECHATPAY_ACCOUNT.read(fields)),
    ]) {
      expect(text).not.toContain(API_V3_KEY);
      expect(text).not.toContain(fields.privateKey.slice(40, 80));
      expect(text).not.toContain('\n-----');
    }
  });
});
