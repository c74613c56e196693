import { ApiError } from '../api-error.js';
import type { WechatpayContext } from '../context.js';
import { encrypted } from '../encryption.js';
import { rfc3339 } from '../times.js';
import type { Answered, Call } from './call.js';

/** `GET /v3/certificates`: each in an envelope that only the holder of the API v3 key can open. Source: docs 4012551764. */
export function certificates(_call: Call, { platform, apiV3Key }: WechatpayContext): Answered {
  const listed = platform.listed();
  if (listed.length === 0) throw new ApiError('RESOURCE_NOT_EXISTS', '无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥');
  return {
    data: listed.map(({ serial, pem, effectiveFrom, expiresAt }) => ({
      serial_no: serial,
      effective_time: rfc3339(effectiveFrom),
      expire_time: rfc3339(expiresAt),
      encrypt_certificate: encrypted(pem, apiV3Key, 'certificate'),
    })),
  };
}
