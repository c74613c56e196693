import type { Clock } from '../../kernel/clock.js';
import { AlipayGateway } from './alipay/alipay.gateway.js';
import { ALIPAY_ACCOUNT } from './alipay/settings.js';
import type { GatewayName, PaymentGateway } from './gateway.js';
import type { ClientOptions } from './http-client.js';
import type { AccountField, AccountForm, SettingFields } from './settings.js';
import { UNIONPAY_ACCOUNT } from './unionpay/settings.js';
import { UnionpayGateway } from './unionpay/unionpay.gateway.js';
import { WECHATPAY_ACCOUNT } from './wechatpay/settings.js';
import { WechatpayGateway } from './wechatpay/wechatpay.gateway.js';

/** What is known of each gateway before there is any account at it. */
export interface Provider {
  readonly fields: readonly AccountField[];
  /** Throws `SettingProblem`. */
  identity(fields: SettingFields): string;
  /** Throws `SettingProblem`. */
  open(fields: SettingFields, clock: Clock, options: Partial<ClientOptions>): PaymentGateway;
}

function provider<Settings>(
  form: AccountForm<Settings>,
  adapter: new (settings: Settings, clock: Clock, options: Partial<ClientOptions>) => PaymentGateway,
): Provider {
  return {
    fields: form.fields,
    identity: (fields) => form.identity(form.read(fields)),
    open: (fields, clock, options) => new adapter(form.read(fields), clock, options),
  };
}

/** Every gateway that accounts can be had at. A new one is an adapter's folder, and a line here and in the settings. */
export const PROVIDERS: Readonly<Record<GatewayName, Provider>> = {
  alipay: provider(ALIPAY_ACCOUNT, AlipayGateway),
  wechatpay: provider(WECHATPAY_ACCOUNT, WechatpayGateway),
  unionpay: provider(UNIONPAY_ACCOUNT, UnionpayGateway),
};
