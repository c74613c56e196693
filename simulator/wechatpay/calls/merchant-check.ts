import { ApiError, badParameter } from '../api-error.js';
import type { JsonFields } from '../json-fields.js';
import { WECHATPAY_APP_ID, WECHATPAY_MCH_ID } from '../merchant.js';

/** In the body where something is made or closed, in the query where something is asked. Source: docs 4012791858. */
export function checkMchid(mchid: string | null): void {
  if (mchid === null) throw badParameter('缺少 mchid');
  if (mchid !== WECHATPAY_MCH_ID) throw badParameter('mchid 与签名所用的商户号不一致');
}

export function checkApp(body: JsonFields): void {
  checkMchid(body.required('mchid', { max: 32 }));
  const appId = body.required('appid', { max: 32 });
  if (appId !== WECHATPAY_APP_ID) throw new ApiError('APPID_MCHID_NOT_MATCH', 'appid 与 mchid 不匹配');
}
