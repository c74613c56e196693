import type { GatewayName } from '../../src/payment/gateway/gateway.js';
import type { SettingFields } from '../../src/payment/gateway/settings.js';
import type { Merchants } from '../../simulator/merchants.js';
import type { Payer } from '../support/payer.js';

/** What the gateway calls its calls: faults are planted by these names. Those that a method has none of are left out. */
export interface Calls {
  readonly query: string;
  readonly close: string;
  readonly refunds: readonly string[];
  readonly queryRefund: string;
}

/**
 * One way to have an account, and what is true of that gateway and not of every one. The rest of the suite holds for all of them.
 */
export interface Contract {
  readonly title: string;
  readonly gateway: GatewayName;
  readonly fields: (merchants: Merchants) => SettingFields;
  readonly prepare?: (payer: Payer) => Promise<void>;
  /** Every method, the one first that the tests use where any will do. */
  readonly methods: readonly [string, ...string[]];
  /** Methods for which the gateway is called: the others are only signed. */
  readonly called: Readonly<Record<string, string>>;
  readonly calls: Calls;
  /** What a query says of an order that was started and that no payer has opened. */
  readonly unopened: 'pending' | 'never_happened';
  /** What it says of one that the payer has opened and not paid. */
  readonly opened: 'pending' | 'never_happened';
  /** What it says once such an order has expired. */
  readonly expired: 'closed' | 'never_happened';
  /** What it says of a trade whose money has all gone back. */
  readonly whollyRefunded: 'returned' | 'succeeded';
  /** What closing an opened order says: UnionPay has no close, so there it stays payable until its time is over. */
  readonly close: 'closed' | 'never_happened';
  /** Whether a refund is over with the answer, or accepted first. */
  readonly refund: 'succeeded' | 'pending';
  /** Whether a no is signed. WeChat Pay signs none, so it is TLS alone that vouches for "there is no such refund". */
  readonly signsRefusals: boolean;
  /** What a payment can be started again with after its answer was lost; Alipay never shows the same code twice. */
  readonly startedAgain: readonly string[];
}

const ALIPAY = {
  gateway: 'alipay',
  methods: ['page', 'wap', 'app', 'qr'],
  called: { qr: 'alipay.trade.precreate' },
  calls: {
    query: 'alipay.trade.query',
    close: 'alipay.trade.close',
    refunds: ['alipay.trade.refund'],
    queryRefund: 'alipay.trade.fastpay.refund.query',
  },
  unopened: 'never_happened',
  opened: 'pending',
  expired: 'closed',
  whollyRefunded: 'returned',
  close: 'closed',
  refund: 'succeeded',
  signsRefusals: true,
  startedAgain: ['action', 'unknown'],
} as const;

const WECHATPAY = {
  gateway: 'wechatpay',
  methods: ['native', 'jsapi', 'h5', 'app'],
  called: { native: 'native', jsapi: 'jsapi', h5: 'h5', app: 'app' },
  calls: { query: 'query', close: 'close', refunds: ['refund'], queryRefund: 'refund_query' },
  unopened: 'pending',
  opened: 'pending',
  expired: 'closed',
  whollyRefunded: 'succeeded',
  close: 'closed',
  refund: 'pending',
  signsRefusals: false,
  startedAgain: ['action'],
} as const;

export const CONTRACTS: readonly Contract[] = [
  {
    ...ALIPAY,
    title: 'Alipay in public-key mode',
    fields: ({ alipay: { gatewayUrl, appId, sellerId, appPrivateKey: privateKey, alipayPublicKey } }) => ({
      ...{ gatewayUrl, appId, sellerId, privateKey, alipayPublicKey },
    }),
  },
  {
    ...ALIPAY,
    title: 'Alipay in certificate mode',
    fields: ({ alipay: { gatewayUrl, certificateMode } }) => ({
      gatewayUrl,
      appId: certificateMode.appId,
      sellerId: certificateMode.sellerId,
      privateKey: certificateMode.appPrivateKey,
      appCertificate: certificateMode.appCertificate,
      alipayCertificate: certificateMode.alipayCertificate,
      rootCertificates: certificateMode.rootCertificate,
    }),
  },
  { ...WECHATPAY, title: 'WeChat Pay with its public key', fields: ({ wechatpay }) => ({ ...wechatpay }) },
  {
    ...WECHATPAY,
    title: 'WeChat Pay with certificates only',
    fields: ({ wechatpay }) => ({ ...wechatpay, publicKeyId: undefined, publicKey: undefined }),
    prepare: (payer) => payer.wechatpaySigns({ mode: 'certificate' }),
  },
  {
    title: 'UnionPay',
    gateway: 'unionpay',
    fields: ({ unionpay }) => ({ ...unionpay }),
    methods: ['page'],
    called: {},
    calls: { query: 'query', close: 'query', refunds: ['refund', 'cancel'], queryRefund: 'query' },
    // Until somebody has tried to pay, UnionPay has no transaction.
    unopened: 'never_happened',
    opened: 'never_happened',
    expired: 'never_happened',
    whollyRefunded: 'succeeded',
    close: 'never_happened',
    refund: 'pending',
    signsRefusals: true,
    startedAgain: ['action'],
  },
];
