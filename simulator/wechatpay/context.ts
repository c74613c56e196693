import type { GatewayParts } from '../gateway.js';
import type { MerchantCertificate } from './authorization.js';
import type { PlatformKeys } from './platform-keys.js';

/** What WeChat Pay's calls work with. */
export interface WechatpayContext extends GatewayParts {
  readonly merchant: MerchantCertificate;
  readonly apiV3Key: string;
  readonly platform: PlatformKeys;
}
