import { ApiError, asApiError } from './api-error.js';
import type { WechatpayContext } from './context.js';
import { WECHATPAY_APP_ID, WECHATPAY_MCH_ID } from './merchant.js';
import { payText, verifies } from './signing.js';
import type { Visit } from '../gateway.js';
import type { Trade } from '../ledger/trade.js';

export const H5_PATH = '/wechatpay/h5';

/** A scanned code, the page of a phone's browser, or what the merchant gave to WeChat's client. Throws what WeChat refuses. */
export function visited(visit: Visit, wechatpay: WechatpayContext): Trade | null {
  try {
    if (visit.kind === 'params') return isOurs(visit.params) ? byClient(visit.params, wechatpay) : null;
    if (visit.kind !== 'url') return null;
    const { url } = visit;
    if (url.protocol === 'weixin:') return byCode(url.searchParams.get('pr') ?? '', wechatpay);
    if (url.pathname !== H5_PATH) return null;
    const trade = byCode(url.searchParams.get('package') ?? '', wechatpay);
    const returnUrl = url.searchParams.get('redirect_url');
    return returnUrl === null || !/^https?:\/\//i.test(returnUrl) ? trade : wechatpay.ledger.amend(trade.outTradeNo, { returnUrl });
  } catch (thrown) {
    throw asApiError(thrown);
  }
}

function byCode(code: string, { ledger, clock }: WechatpayContext): Trade {
  const order = ledger.orderByCode(code);
  const trade = order && ledger.trade(order.outTradeNo);
  if (trade?.gateway !== 'wechatpay') throw new ApiError('INVALID_REQUEST', '二维码或链接无效 There is no such code or link.');
  const isPast = order?.code?.value === code && Date.parse(order.code.expiresAt) <= clock().getTime();
  if (isPast && trade.state === 'unpaid') throw new ApiError('INVALID_REQUEST', '二维码或链接已过期 The code or link has expired.');
  return trade;
}

/** WeChat's spelling differs between its own browser (`paySign`) and apps (`sign`). Source: docs 4012365339, 4012365340. */
function isOurs(params: Readonly<Record<string, string>>): boolean {
  return 'paySign' in params || 'prepayid' in params;
}

/** The client on the payer's phone checks what the merchant signed before it shows anything. */
function byClient(params: Readonly<Record<string, string>>, wechatpay: WechatpayContext): Trade {
  const { appId, timestamp, nonce, prepayId, signedText, signature } = 'paySign' in params ? ofPage(params) : ofApp(params);
  if (appId !== WECHATPAY_APP_ID) throw new ApiError('APPID_MCHID_NOT_MATCH', 'appid 不正确 The app is not the merchant’s.');
  const text = payText(appId, timestamp, nonce, signedText);
  if (!verifies(text, signature, wechatpay.merchant.publicKey))
    throw new ApiError('SIGN_ERROR', '支付验证签名失败 The signature is wrong.');
  const trade = byCode(prepayId, wechatpay);
  if (trade.product !== ('paySign' in params ? 'jsapi' : 'app'))
    throw new ApiError('INVALID_REQUEST', '支付方式与下单不符 Ordered for another way of paying.');
  return trade;
}

interface Handed {
  readonly appId: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly prepayId: string;
  readonly signedText: string;
  readonly signature: string;
}

function ofPage(params: Readonly<Record<string, string>>): Handed {
  if (params.signType !== 'RSA') throw new ApiError('SIGN_ERROR', 'signType 须为 RSA signType must be RSA.');
  const { appId = '', timeStamp: timestamp = '', nonceStr: nonce = '', package: signedText = '', paySign: signature = '' } = params;
  return { appId, timestamp, nonce, prepayId: signedText.replace(/^prepay_id=/, ''), signedText, signature };
}

function ofApp(params: Readonly<Record<string, string>>): Handed {
  if (params.partnerid !== WECHATPAY_MCH_ID) throw new ApiError('MCH_NOT_EXISTS', 'partnerid 不正确 Not the merchant’s number.');
  if (params.package !== 'Sign=WXPay') throw new ApiError('INVALID_REQUEST', 'package 须为 Sign=WXPay package must be Sign=WXPay.');
  const { appid: appId = '', timestamp = '', noncestr: nonce = '', prepayid: prepayId = '', sign: signature = '' } = params;
  return { appId, timestamp, nonce, prepayId, signedText: prepayId, signature };
}
