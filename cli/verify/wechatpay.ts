import type { KeyObject } from 'node:crypto';

import { open } from '../../src/payment/gateway/wechatpay/encryption.js';
import { objectIn, parseObject, textIn, type Fields } from '../../src/payment/gateway/wechatpay/fields.js';
import { openNotice, readNotice } from '../../src/payment/gateway/wechatpay/notices.js';
import { answerContent, contentFlaw, signatureFlaw, type SignedMessage } from '../../src/payment/gateway/wechatpay/signing.js';
import type { NamedKey } from '../input/keys.js';
import type { Finding } from '../output/finding.js';
import type { Message, OwnKey } from './message.js';
import { causeOf } from './wechatpay-causes.js';
import { Keyring } from './wechatpay-keyring.js';

export interface WechatpayKeys {
  readonly keys: readonly NamedKey[];
  readonly apiV3Key: KeyObject | undefined;
  /** `always`: the key was given for this message, which then is a notice. Else it is opened where it looks like one. */
  readonly opens: 'always' | 'where sealed';
  readonly own: OwnKey;
}

/** Verifies an answer or a notice, and opens what a notice carries where the API v3 key is at hand. */
export async function verifyWechatpay(message: Message, keys: WechatpayKeys): Promise<Finding> {
  const { body, at } = message;
  const headers = message.headers ?? {};
  const serial = headers['wechatpay-serial'] ?? '';
  const content = answerContent(headers['wechatpay-timestamp'] ?? '', headers['wechatpay-nonce'] ?? '', body);
  const keyring = new Keyring(keys.keys, { content, serial, signature: headers['wechatpay-signature'] ?? '' }, at);
  const sealed = message.isAnswer ? undefined : objectIn(parseObject(body), 'resource');
  const isNotice = sealed !== undefined || (keys.opens === 'always' && !message.isAnswer);
  const apiV3Key = isNotice ? keys.apiV3Key : undefined;
  const signed = { headers, body };
  const opened = apiV3Key ? await openNotice(signed, at, keyring.find, apiV3Key) : await signatureFlaw(signed, at, keyring.find);
  const finding = { gateway: 'wechatpay', readAs: apiV3Key ? 'a notice' : 'an answer, or a notice that stays closed', content } as const;
  const more = sealed && apiV3Key ? plaintext(sealed, apiV3Key) : {};
  if (opened !== undefined && 'check' in opened) {
    const cause = await causeOf(opened, { ...signed, content, at, apiV3Key: keys.apiV3Key, own: keys.own }, keyring);
    const shown = opened.check === 'resource' ? more : {};
    return { ...finding, verified: false, reason: opened.check, detail: opened.reason, cause, more: shown, remarks: [] };
  }
  const key = await keyring.keyFor(serial);
  const notice = opened && apiV3Key && (await noticeIn(signed, opened.resource, apiV3Key, keyring, at));
  return {
    ...finding,
    verified: true,
    more,
    ...(key && { key: key.title }),
    remarks: [
      ...remarksOn(key, serial),
      ...(sealed && !apiV3Key ? ['the resource is still encrypted: --api-v3-key FILE opens it'] : []),
      ...(notice?.kind === 'rejected' ? [`it is no notice of a payment or a refund: ${notice.reason}`] : []),
    ],
    ...(notice?.kind === 'notice' && { notice }),
  };
}

/** Verifies a signature over a string that is given as it is; the headers only name the key and hold the signature. */
export async function verifyString(message: Message, keys: WechatpayKeys): Promise<Finding> {
  const { headers = {}, body: content, at } = message;
  const serial = headers['wechatpay-serial'] ?? '';
  const signature = headers['wechatpay-signature'] ?? '';
  const keyring = new Keyring(keys.keys, { content, serial, signature }, at);
  const flaw = await contentFlaw(content, serial, signature, keyring.find);
  const finding = { gateway: 'wechatpay', readAs: 'the very string that was signed', content } as const;
  if (flaw !== undefined) {
    const cause = await causeOf(flaw, { headers, content, body: undefined, at, apiV3Key: undefined, own: keys.own }, keyring);
    return { ...finding, verified: false, reason: flaw.check, detail: flaw.reason, cause, remarks: [] };
  }
  const key = await keyring.keyFor(serial);
  return { ...finding, verified: true, ...(key && { key: key.title }), remarks: remarksOn(key, serial) };
}

function remarksOn(key: NamedKey | undefined, serial: string): string[] {
  return key && key.serial === undefined ? [`the key was given without a serial, so that ${serial} was not checked`] : [];
}

function plaintext(sealed: Fields, apiV3Key: KeyObject): Record<string, string> {
  const text = (name: string): string => textIn(sealed, name) ?? '';
  const plain = open({ nonce: text('nonce'), associatedData: text('associated_data'), ciphertext: text('ciphertext') }, apiV3Key);
  return plain === undefined ? {} : { resource: plain.toString('utf8') };
}

/** What the program would take it for, if it were for the merchant and the app that it names. */
function noticeIn(signed: SignedMessage, resource: Fields, apiV3Key: KeyObject, keyring: Keyring, at: Date) {
  const us = { mchId: textIn(resource, 'mchid') ?? '', appId: textIn(resource, 'appid') ?? '', apiV3Key };
  return readNotice({ ...signed, receivedAt: at }, us, keyring.find);
}
