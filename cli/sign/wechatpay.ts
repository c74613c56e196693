import { randomBytes } from 'node:crypto';

import { authorization, invocationContent, requestContent, type SignedParts } from '../../src/payment/gateway/wechatpay/signing.js';
import { changedBodies } from '../diagnosis/changed-body.js';
import type { Suspects } from '../diagnosis/suspects.js';
import { text } from '../input/arguments.js';
import { UsageError } from '../usage-error.js';
import { bodyOf, needed, pathOf, refuse, type Given } from './given.js';
import type { Signable } from './signable.js';

const OF_REQUEST = ['method', 'url', 'body', 'mchid', 'serial'];
const OF_CLIENT = ['appid', 'prepay-id', 'package'];
const BARE = { gateway: 'wechatpay', more: {}, remarks: [] } as const;

/** A request, what the payer's client invokes where `--pay` is given, or the string of `--string` as it is. */
export function wechatpaySignable(given: Given): Signable {
  const string = text(given.values, 'string');
  const isInvoked = text(given.values, 'pay') !== undefined;
  if (string !== undefined) refuse(given, [...OF_REQUEST, ...OF_CLIENT, 'pay', 'timestamp', 'nonce'], '--string');
  else if (isInvoked) refuse(given, OF_REQUEST, '--pay');
  else refuse(given, OF_CLIENT, '--method: what a client invokes needs --pay');
  if (string !== undefined) return verbatim(given.files.bytes('--string', string));
  return isInvoked ? invocation(given) : request(given);
}

function request(given: Given): Signable {
  const parts: SignedParts = {
    method: needed(given, 'method', 'GET, POST or another one, in capitals'),
    path: pathOf(needed(given, 'url', 'the path with its query, such as /v3/pay/transactions/native')),
    ...timeAndNonce(given),
    body: bodyOf(given),
  };
  const content = Buffer.from(requestContent(parts));
  const mchId = text(given.values, 'mchid');
  const serial = text(given.values, 'serial');
  return {
    ...BARE,
    what: 'a request',
    content,
    signed: content,
    remarks: [
      ...(mchId === undefined || serial === undefined
        ? ['--mchid and --serial (of the merchant certificate) make the Authorization header']
        : []),
      ...(/^[A-Z]+$/.test(parts.method) ? [] : ['the method is not in capitals, as WeChat Pay wants it']),
    ],
    complete: (signature) => Promise.resolve(headerOf(parts, mchId, serial, signature)),
    suspects: () => suspectsOfRequest(parts),
  };
}

function headerOf(parts: SignedParts, mchId: string | undefined, serial: string | undefined, signature: string): Record<string, string> {
  return mchId === undefined || serial === undefined ? {} : { authorization: authorization(mchId, serial, parts, signature) };
}

function timeAndNonce({ values, world }: Given): Pick<SignedParts, 'timestamp' | 'nonce'> {
  return {
    timestamp: text(values, 'timestamp') ?? String(Math.floor(world.now().getTime() / 1000)),
    nonce: text(values, 'nonce') ?? randomBytes(16).toString('hex'),
  };
}

function* suspectsOfRequest(parts: SignedParts): Suspects {
  const content = (changes: Partial<SignedParts>): Buffer => Buffer.from(requestContent({ ...parts, ...changes }));
  const { timestamp, nonce } = parts;
  yield { cause: 'the last line feed is missing from the string that was signed', content: content({}).subarray(0, -1) };
  yield { cause: 'the body was left out of the string that was signed', content: content({ body: '' }) };
  for (const { cause, content: body } of changedBodies(Buffer.from(parts.body))) {
    yield { cause, content: Buffer.concat([content({ body: '' }).subarray(0, -1), body, Buffer.from('\n')]) };
  }
  yield { cause: 'the query was left out of the string that was signed', content: content({ path: parts.path.replace(/\?.*$/s, '') }) };
  yield { cause: 'the percent signs of the path were decoded', content: content({ path: decoded(parts.path) }) };
  for (const host of ['api.mch.weixin.qq.com', 'api2.mch.weixin.qq.com']) {
    yield {
      cause: 'the whole address was signed, and the path with its query is to be',
      content: content({ path: `https://${host}${parts.path}` }),
    };
  }
  yield { cause: 'the method was signed in small letters', content: content({ method: parts.method.toLowerCase() }) };
  yield { cause: 'the clock: the timestamp was signed in milliseconds', content: content({ timestamp: `${timestamp}000` }) };
  yield {
    cause: 'the order of fields: the nonce was signed before the timestamp',
    content: content({ timestamp: nonce, nonce: timestamp }),
  };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const PREFIX = 'prepay_id=';

function invocation(given: Given): Signable {
  const client = text(given.values, 'pay');
  if (client !== 'jsapi' && client !== 'app') throw new UsageError('--pay: must be jsapi (also for mini programs) or app');
  const appId = needed(given, 'appid', 'the app that invokes');
  const { timestamp, nonce } = timeAndNonce(given);
  const prepay = prepayOf(given, client);
  const content = Buffer.from(invocationContent(appId, timestamp, nonce, prepay));
  const wanted = client === 'jsapi' ? 'prepay_id= and the id' : 'the bare id';
  return {
    ...BARE,
    what: `what the payer's client invokes (${client})`,
    content,
    signed: content,
    more: { timestamp, nonce, prepay },
    remarks: prepay.startsWith(PREFIX) === (client === 'jsapi') ? [] : [`${client} wants ${wanted} signed`],
    complete: (signature) => Promise.resolve({ [client === 'jsapi' ? 'paySign' : 'sign']: signature }),
    suspects: () => suspectsOfInvocation(appId, timestamp, nonce, prepay),
  };
}

/** `--package` is signed as it is; of `--prepay-id` is made what the client wants. */
function prepayOf(given: Given, client: 'jsapi' | 'app'): string {
  const whole = text(given.values, 'package');
  if (whole !== undefined) return whole;
  const id = needed(given, 'prepay-id', 'as WeChat Pay answered it (or --package with what is to be signed)').replace(PREFIX, '');
  return client === 'jsapi' ? `${PREFIX}${id}` : id;
}

function* suspectsOfInvocation(appId: string, timestamp: string, nonce: string, prepay: string): Suspects {
  const bare = prepay.replace(PREFIX, '');
  const content = (...fields: [string, string, string, string]): Buffer => Buffer.from(invocationContent(...fields));
  yield {
    cause: 'the last line feed is missing from the string that was signed',
    content: content(appId, timestamp, nonce, prepay).subarray(0, -1),
  };
  yield { cause: 'the bare prepay id was signed, as for an app', content: content(appId, timestamp, nonce, bare) };
  yield { cause: 'prepay_id= was signed before the id, as for jsapi', content: content(appId, timestamp, nonce, `${PREFIX}${bare}`) };
  yield { cause: 'the order of fields: the nonce was signed before the timestamp', content: content(appId, nonce, timestamp, prepay) };
  yield { cause: 'the clock: the timestamp was signed in milliseconds', content: content(appId, `${timestamp}000`, nonce, prepay) };
  yield {
    cause: 'Sign=WXPay, the package of an app, was signed in place of the prepay id',
    content: content(appId, timestamp, nonce, 'Sign=WXPay'),
  };
}

function verbatim(content: Buffer): Signable {
  return {
    ...BARE,
    what: 'a string as it is',
    content,
    signed: content,
    complete: () => Promise.resolve({}),
    suspects: () => changedBodies(content),
  };
}
