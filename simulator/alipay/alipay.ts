import { randomBytes } from 'node:crypto';
import type { Gateway, GatewayParts, Visit } from '../gateway.js';
import type { Trade } from '../ledger/trade.js';
import { Stranger } from '../stranger.js';
import { openForPayer } from './answer-call.js';
import { Apps } from './apps.js';
import { parametersOf } from './call.js';
import type { AlipayContext } from './context.js';
import type { AlipayKeys } from './keys.js';
import { refundRequest } from './methods/refund.js';
import { ALIPAY_FORGERIES, AlipayNotices } from './notices.js';
import { asRefused } from './refused.js';
import { returnAddress } from './return-address.js';
import { statusWord } from './trade-fields.js';
import { AlipayWire } from './wire.js';

/** The simulated Alipay, as the rest of the simulator uses it. */
export function createAlipay({ keys, ...parts }: GatewayParts & { readonly keys: AlipayKeys }): Gateway {
  const alipay: AlipayContext = { ...parts, apps: new Apps(keys) };
  const stranger = new Stranger();
  const writer = new AlipayNotices(alipay.apps, stranger);
  const wire = new AlipayWire(alipay, stranger);

  return {
    name: 'alipay',
    title: '支付宝 Alipay',
    merchant: '模拟商户 Simulated merchant',
    writer,
    forgeries: ALIPAY_FORGERIES,
    refundsAtOnce: true,
    routes: (app) => {
      app.route({ method: ['GET', 'POST'], url: '/gateway.do', handler: (request, reply) => wire.serve(request, reply) });
    },
    statusOf: statusWord,
    refundStatusOf: () => 'REFUND_SUCCESS',
    announcement: (trade, refund) => writer.announcement(trade, refund),
    craft: (trade, wish) => writer.craft(trade, wish, alipay.clock()),
    visit: (visit) => visited(visit, alipay),
    codeText: ({ product, code }) => (product === 'qr' && code ? `${alipay.origin()}/qr/${code.value}` : null),
    wayBack: (trade) => {
      const url = returnAddress(trade, alipay.apps.of(trade), alipay.clock());
      return url === null ? null : { url, form: null };
    },
    portalRefund: (trade, amount) => refundRequest(trade, `portal_${randomBytes(8).toString('hex')}`, amount, null),
  };
}

/** A page's address, the form that leads to the same page, the text that an app hands to Alipay's SDK, or a code's text. */
function visited(visit: Visit, alipay: AlipayContext): Trade | null {
  try {
    if (visit.kind === 'orderString') return openForPayer(parametersOf(visit.text, ''), alipay);
    if (visit.kind === 'params') return null;
    const form = visit.kind === 'form' ? new URLSearchParams(visit.fields).toString() : '';
    if (visit.url.pathname === '/gateway.do') return openForPayer(parametersOf(visit.url.search, form), alipay);
    const code = /^\/qr\/(\w+)$/.exec(visit.url.pathname)?.[1];
    return code !== undefined && alipay.ledger.orderByCode(code)?.gateway === 'alipay' ? alipay.ledger.scan(code) : null;
  } catch (thrown) {
    throw asRefused(thrown);
  }
}
