import type { GatewayParts } from '../gateway.js';
import type { Apps } from './apps.js';

/** What Alipay's methods work with. */
export interface AlipayContext extends GatewayParts {
  readonly apps: Apps;
}
