import { X509Certificate } from 'node:crypto';
import { serialOf } from '../certificates.js';
import { GatewayRefusal, type Gateway, type GatewayParts } from '../gateway.js';
import { refusalPage } from '../pages/refusal-page.js';
import { Stranger } from '../stranger.js';
import { codeUrl } from './calls/order.js';
import { newRefundNo } from './calls/refund.js';
import type { WechatpayContext } from './context.js';
import { wechatpayControl } from './control.js';
import { WECHATPAY_FORGERIES } from './forgeries.js';
import type { WechatpayKeys } from './keys.js';
import { WechatpayNotices } from './notices.js';
import { PlatformKeys } from './platform-keys.js';
import { refundStatus, tradeState } from './transaction-fields.js';
import { H5_PATH, visited } from './visits.js';
import { WechatpayWire } from './wire.js';

/** The simulated WeChat Pay (API v3, direct merchants), as the rest of the simulator uses it. */
export function createWechatpay({ keys, ...parts }: GatewayParts & { readonly keys: WechatpayKeys }): Gateway {
  const merchant = { serial: serialOf(keys.merchantCertificate), publicKey: new X509Certificate(keys.merchantCertificate).publicKey };
  const platform = new PlatformKeys(keys);
  const wechatpay: WechatpayContext = { ...parts, merchant, platform, apiV3Key: keys.apiV3Key };
  const stranger = new Stranger();
  const writer = new WechatpayNotices(platform, keys.apiV3Key, stranger);
  const wire = new WechatpayWire(wechatpay, stranger);

  return {
    name: 'wechatpay',
    title: '微信支付 WeChat Pay',
    merchant: '模拟商户 Simulated merchant',
    writer,
    forgeries: WECHATPAY_FORGERIES,
    refundsAtOnce: false,
    routes: (app) => {
      app.route({
        method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        url: '/v3/*',
        handler: (request, reply) => wire.serve(request, reply),
      });
      app.get(H5_PATH, (request, reply) => {
        try {
          const trade = visited({ kind: 'url', url: new URL(request.url, parts.origin()) }, wechatpay);
          return reply.redirect(`/pay/${encodeURIComponent(trade?.outTradeNo ?? '')}`, 302);
        } catch (thrown) {
          if (!(thrown instanceof GatewayRefusal)) throw thrown;
          return reply.code(404).type('text/html;charset=utf-8').send(refusalPage(thrown.shownCode, thrown.shownMessage));
        }
      });
    },
    controlRoutes: (app) => wechatpayControl(app, platform, parts.clock),
    reset: () => platform.reset(),
    statusOf: tradeState,
    refundStatusOf: refundStatus,
    announcement: (trade, refund) => writer.announcement(trade, refund),
    craft: (trade, wish) => writer.craft(trade, wish, parts.clock()),
    visit: (visit) => visited(visit, wechatpay),
    codeText: ({ product, code }) => (product === 'native' && code ? codeUrl(code.value) : null),
    wayBack: ({ returnUrl, paidAt }) => (returnUrl === null || paidAt === null ? null : { url: returnUrl, form: null }),
    portalRefund: ({ outTradeNo }, amount) => {
      const refundNo = newRefundNo(parts.clock());
      return { outTradeNo, outRequestNo: `portal_${refundNo}`, refundNo, amount, reason: null, notifyUrl: null, details: {} };
    },
  };
}
