// What is mutated, and the specs that must notice: the quickest first, since the first that fails settles it.
const GATEWAY = 'src/payment/gateway';
const ALIPAY = 'test/payment/alipay';
const WECHATPAY = 'test/payment/wechatpay';
const UNIONPAY = 'test/payment/unionpay';

export const TARGETS = {
  'src/kernel/money.ts': ['test/rules/money.spec.ts'],
  'src/platform/secrets/vault.ts': ['test/platform/sealed.spec.ts', 'test/platform/secrets.spec.ts'],
  'src/platform/secrets/scrub.ts': ['test/platform/scrub.spec.ts', 'test/platform/secrets.spec.ts'],
  'src/merchant/api-key.ts': ['test/rules/api-key.spec.ts'],
  'src/platform/http/security.ts': ['test/rules/api-key-guard.spec.ts'],
  'src/platform/http/api-key.guard.ts': [
    'test/rules/api-key-guard.spec.ts',
    'test/security/rate-limits.spec.ts',
    'test/security/audit-log.spec.ts',
    'test/api/ended-keys.spec.ts',
  ],
  'src/merchant/merchants.ts': [
    'test/api/keys.spec.ts',
    'test/security/key-rotation.spec.ts',
    'test/security/audit-log.spec.ts',
    'test/api/ended-keys.spec.ts',
  ],
  [`${GATEWAY}/rsa.ts`]: ['test/payment/rsa.spec.ts'],
  [`${GATEWAY}/form.ts`]: ['test/payment/form.spec.ts', `${ALIPAY}/vectors.spec.ts`],
  [`${GATEWAY}/alipay/amounts.ts`]: [`${ALIPAY}/amounts.spec.ts`, `${ALIPAY}/signed.spec.ts`],
  [`${GATEWAY}/alipay/signing.ts`]: [`${ALIPAY}/signed.spec.ts`, `${ALIPAY}/notices.spec.ts`],
  [`${GATEWAY}/alipay/notices.ts`]: [`${ALIPAY}/signed.spec.ts`, `${ALIPAY}/notices.spec.ts`, `${ALIPAY}/certificate-mode.spec.ts`],
  [`${GATEWAY}/alipay/certificates.ts`]: [`${ALIPAY}/trust.spec.ts`, `${ALIPAY}/vectors.spec.ts`, `${ALIPAY}/certificate-mode.spec.ts`],
  [`${GATEWAY}/alipay/envelope.ts`]: [
    `${ALIPAY}/envelope.spec.ts`,
    `${ALIPAY}/vectors.spec.ts`,
    `${ALIPAY}/outcomes.spec.ts`,
    `${ALIPAY}/hostile.spec.ts`,
  ],
  [`${GATEWAY}/alipay/rest-signing.ts`]: [`${ALIPAY}/other-signing.spec.ts`, `${ALIPAY}/vectors.spec.ts`],
  [`${GATEWAY}/wechatpay/signing.ts`]: [`${WECHATPAY}/vectors.spec.ts`, `${WECHATPAY}/notices.spec.ts`],
  [`${GATEWAY}/wechatpay/encryption.ts`]: [`${WECHATPAY}/sealed.spec.ts`, `${WECHATPAY}/vectors.spec.ts`],
  [`${GATEWAY}/wechatpay/notices.ts`]: [`${WECHATPAY}/notices.spec.ts`, `${WECHATPAY}/hostile.spec.ts`],
  [`${GATEWAY}/wechatpay/certificates.ts`]: [`${WECHATPAY}/certificate-list.spec.ts`, `${WECHATPAY}/keys.spec.ts`],
  [`${GATEWAY}/wechatpay/platform-keys.ts`]: [`${WECHATPAY}/keys.spec.ts`],
  [`${GATEWAY}/unionpay/amounts.ts`]: [`${UNIONPAY}/amounts.spec.ts`],
  [`${GATEWAY}/unionpay/signing.ts`]: [`${UNIONPAY}/amounts.spec.ts`, `${UNIONPAY}/vectors.spec.ts`],
  [`${GATEWAY}/unionpay/verification.ts`]: [
    `${UNIONPAY}/trust.spec.ts`,
    `${UNIONPAY}/vectors.spec.ts`,
    `${UNIONPAY}/hostile.spec.ts`,
    `${UNIONPAY}/notices.spec.ts`,
  ],
  [`${GATEWAY}/unionpay/notices.ts`]: [`${UNIONPAY}/notices.spec.ts`, `${UNIONPAY}/hostile.spec.ts`],
};
