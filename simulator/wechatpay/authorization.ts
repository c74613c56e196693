import type { KeyObject } from 'node:crypto';
import { ApiError } from './api-error.js';
import { WECHATPAY_MCH_ID } from './merchant.js';
import { requestText, verifies } from './signing.js';

/** A request as it came: `target` is path and query as on the wire, before any decoding. */
export interface WireRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** How the gateway knows the merchant. */
export interface MerchantCertificate {
  readonly serial: string;
  readonly publicKey: KeyObject;
}

const SCHEME = 'WECHATPAY2-SHA256-RSA2048 ';
const TOLERANCE_S = 300;
const PARTS = ['mchid', 'nonce_str', 'signature', 'timestamp', 'serial_no'] as const;

/** Throws what WeChat Pay refuses, in the order in which it looks. Source: docs 4012365342, 4012365336. */
export function authorize(request: WireRequest, merchant: MerchantCertificate, now: Date): void {
  checkHeaders(request);
  const { mchid, nonce_str: nonce, signature, timestamp, serial_no: serial } = partsOf(request.headers.authorization);
  if (!/^\d{1,12}$/.test(timestamp)) throw signError('timestamp 须为秒级时间戳');
  if (Math.abs(Number(timestamp) - now.getTime() / 1_000) > TOLERANCE_S) throw signError('时间戳与服务器时间相差超过 5 分钟');
  if (mchid !== WECHATPAY_MCH_ID) throw new ApiError('MCH_NOT_EXISTS', `商户号不存在：${mchid}`);
  if (serial.toUpperCase() !== merchant.serial) throw signError('商户证书序列号有误，请使用签名私钥匹配的证书序列号');
  if (nonce === '' || nonce.length > 64) throw signError('nonce_str 的长度须为 1 至 64');
  const text = requestText({ ...request, timestamp, nonce });
  if (verifies(text, signature, merchant.publicKey)) return;
  // The real gateway, too, shows the text that it verified; nothing finds a signing mistake faster.
  const information = { method: request.method, url: request.target, truncated_sign_message: text, sign_message_length: text.length };
  throw new ApiError('SIGN_ERROR', '签名错误，请检查后再试', {
    field: 'signature',
    issue: 'sign not match',
    location: 'authorization',
    sign_information: information,
  });
}

/** Some endpoints of the real gateway refuse a request that does not say what it takes, or who asks; here all do. */
function checkHeaders({ method, headers }: WireRequest): void {
  const accept = headers.accept;
  if (typeof accept !== 'string' || !/\*\/\*|application\/(\*|json)/i.test(accept)) {
    throw new ApiError('INVALID_REQUEST', 'Http头Accept须包含application/json');
  }
  if (!headers['user-agent']) throw new ApiError('INVALID_REQUEST', 'Http头缺少User-Agent');
  const type = headers['content-type'];
  if (method === 'POST' && !(typeof type === 'string' && /^application\/json\b/i.test(type))) {
    throw new ApiError('INVALID_REQUEST', 'Http头Content-Type须为application/json');
  }
}

function partsOf(header: string | string[] | undefined): Record<(typeof PARTS)[number], string> {
  if (typeof header !== 'string') throw signError('Http头Authorization值为空');
  if (!header.startsWith(SCHEME)) throw signError('认证类型有误，须为 WECHATPAY2-SHA256-RSA2048');
  const found = new Map<string, string>();
  for (const part of header.slice(SCHEME.length).split(',')) {
    const [, name = '', value = ''] = /^(\w+)="([^"]*)"$/.exec(part) ?? [];
    if (found.has(name)) throw signError(`Authorization 中 ${name} 重复`);
    found.set(name, value);
  }
  const [mchid, nonce_str, signature, timestamp, serial_no] = PARTS.map((name) => found.get(name));
  if (!mchid || !nonce_str || !signature || !timestamp || !serial_no) throw signError('Http头Authorization值格式错误');
  return { mchid, nonce_str, signature, timestamp, serial_no };
}

function signError(text: string): ApiError {
  return new ApiError('SIGN_ERROR', text);
}
