import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import {
  matching,
  optional,
  origin,
  privateKey,
  publicKey,
  required,
  SettingProblem,
  type AccountForm,
  type SettingFields,
} from '../settings.js';

/** WeChat Pay's own key of the newer kind, by the id under which answers and notices name it. */
export interface PlatformPublicKey {
  /** `PUB_KEY_ID_` and digits. */
  readonly id: string;
  readonly key: KeyObject;
}

export interface WechatpaySettings {
  /** `https://api.mch.weixin.qq.com`, or the simulator's. */
  readonly baseUrl: string;
  readonly mchId: string;
  readonly appId: string;
  /** Of the merchant's API certificate: hexadecimal, in capitals. */
  readonly serialNo: string;
  /** That certificate's key, RSA of 2048 bits or more. */
  readonly privateKey: KeyObject;
  /** The 32 bytes of the API v3 key. A key object, because it shows nothing of itself in a log. */
  readonly apiV3Key: KeyObject;
  /** Absent where WeChat Pay signs with platform certificates alone, which are fetched. */
  readonly publicKey?: PlatformPublicKey;
}

/** How an account at WeChat Pay is described. Source: WeChat Pay, documents under "settings" in docs/gateways/wechatpay.md. */
export const WECHATPAY_ACCOUNT: AccountForm<WechatpaySettings> = {
  gateway: 'wechatpay',
  fields: [
    {
      name: 'baseUrl',
      setting: 'WECHATPAY_BASE_URL',
      secret: false,
      description: 'The origin of the API: https://api.mch.weixin.qq.com, or https://api2.mch.weixin.qq.com in an emergency.',
    },
    { name: 'mchId', setting: 'WECHATPAY_MCH_ID', secret: false, description: "The merchant's number: digits." },
    {
      name: 'appId',
      setting: 'WECHATPAY_APP_ID',
      secret: false,
      description: 'The official account, mini program, app or site that is bound to the merchant: wx and letters or digits.',
    },
    {
      name: 'serialNo',
      setting: 'WECHATPAY_SERIAL_NO',
      secret: false,
      description: "The serial number of the merchant's API certificate, in hexadecimal.",
    },
    {
      name: 'privateKey',
      setting: 'WECHATPAY_PRIVATE_KEY_FILE',
      secret: true,
      description: "The key of the merchant's API certificate (apiclient_key.pem): RSA of 2048 bits or more, PEM.",
    },
    {
      name: 'apiV3Key',
      setting: 'WECHATPAY_API_V3_KEY',
      secret: true,
      description: 'The API v3 key that was set in the merchant platform: 32 ASCII characters.',
    },
    {
      name: 'publicKeyId',
      setting: 'WECHATPAY_PUBLIC_KEY_ID',
      secret: false,
      description: "The id of WeChat Pay's public key: PUB_KEY_ID_ and digits. Together with publicKey, or not at all.",
    },
    {
      name: 'publicKey',
      setting: 'WECHATPAY_PUBLIC_KEY_FILE',
      secret: false,
      description: "WeChat Pay's public key from the merchant platform (pub_key.pem): PEM. Not the merchant's own.",
    },
  ],
  read,
  identity: ({ mchId, appId }) => `${mchId}/${appId}`,
};

function read(fields: SettingFields): WechatpaySettings {
  const settings = {
    baseUrl: origin(fields, 'baseUrl'),
    mchId: matching(fields, 'mchId', /^\d{6,32}$/, "must be the digits of the merchant's number"),
    appId: matching(fields, 'appId', /^wx[0-9A-Za-z]{4,30}$/, 'must be wx and the letters and digits that follow'),
    serialNo: matching(fields, 'serialNo', /^[0-9A-Fa-f]{8,40}$/, 'must be a serial number in hexadecimal, without colons').toUpperCase(),
    privateKey: privateKey(fields, 'privateKey'),
    apiV3Key: apiV3Key(fields),
  };
  const platform = platformPublicKey(fields, settings.privateKey);
  return platform === undefined ? settings : { ...settings, publicKey: platform };
}

function apiV3Key(fields: SettingFields): KeyObject {
  const text = matching(fields, 'apiV3Key', /^[\x21-\x7e]{32}$/, 'must be 32 ASCII characters, as it was set in the merchant platform');
  return createSecretKey(Buffer.from(text, 'latin1'));
}

function platformPublicKey(fields: SettingFields, merchants: KeyObject): PlatformPublicKey | undefined {
  const given = ['publicKeyId', 'publicKey'].filter((name) => optional(fields, name) !== undefined);
  if (given.length === 0) return undefined;
  for (const name of ['publicKeyId', 'publicKey']) required(fields, name);
  const id = matching(fields, 'publicKeyId', /^PUB_KEY_ID_[0-9A-Za-z]{1,64}$/, 'must be PUB_KEY_ID_ and the digits that follow');
  const key = publicKey(fields, 'publicKey');
  // The commonest mix-up of all: with it, every answer and every notice would fail to verify.
  if (createPublicKey(merchants).equals(key)) {
    throw new SettingProblem('publicKey', "is the merchant's own public key: WeChat Pay's is needed, from the merchant platform");
  }
  return { id, key };
}
