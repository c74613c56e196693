import type { Fields } from '../answer.js';
import type { Call } from '../call.js';
import type { AlipayContext } from '../context.js';
import type { AlipayProduct } from '../order-fields.js';
import { close } from './close.js';
import { precreate } from './precreate.js';
import { query } from './query.js';
import { refundQuery } from './refund-query.js';
import { refund } from './refund.js';

/** Methods that a merchant's server calls, and that answer with signed JSON. */
export const SERVER_METHODS: ReadonlyMap<string, (call: Call, alipay: AlipayContext) => Fields> = new Map([
  ['alipay.trade.precreate', precreate],
  ['alipay.trade.query', query],
  ['alipay.trade.close', close],
  ['alipay.trade.refund', refund],
  ['alipay.trade.fastpay.refund.query', refundQuery],
]);

/** Methods that a payer's browser brings, and that lead to the payer's page. */
export const PAGE_METHODS: ReadonlyMap<string, AlipayProduct> = new Map([
  ['alipay.trade.page.pay', 'page'],
  ['alipay.trade.wap.pay', 'wap'],
]);

/** Methods whose parameters reach Alipay by the payer's device alone: pages, and the order text that a phone hands to Alipay's SDK. */
export const PAYER_METHODS: ReadonlyMap<string, AlipayProduct> = new Map([...PAGE_METHODS, ['alipay.trade.app.pay', 'app']]);

export const KNOWN_METHODS: ReadonlySet<string> = new Set([...SERVER_METHODS.keys(), ...PAGE_METHODS.keys()]);
