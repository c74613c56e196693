import type { Gateway, GatewayParts } from '../gateway.js';
import { digits, newTradeNo } from '../ledger/numbers.js';
import { METHODS, openForm, type Entrance } from './answer-call.js';
import { beijingTime } from './beijing-time.js';
import { merchantOf } from './call.js';
import type { UnionPayContext } from './context.js';
import { signingKeys } from './credentials.js';
import type { UnionPayKeys } from './keys.js';
import { announcement, frontNotice, UnionPayNotices } from './notices.js';
import { paymentCode, refundCode } from './transaction-fields.js';
import { UnionPayWire } from './wire.js';

const API = '/gateway/api/';

/** The simulated UnionPay, as the rest of the simulator uses it. */
export function createUnionPay({ keys, ...parts }: GatewayParts & { readonly keys: UnionPayKeys }): Gateway {
  const { ledger, clock, refunds } = parts;
  const signing = signingKeys(keys);
  const merchant = merchantOf(keys.merchantCertificate);
  const unionpay: UnionPayContext = { ledger, clock, merchant, acceptRefund: (asked) => refunds.accept(asked) };
  const writer = new UnionPayNotices(signing);
  const wire = new UnionPayWire(unionpay, parts, signing);

  return {
    name: 'unionpay',
    title: '银联 UnionPay',
    merchant: '模拟商户 Simulated merchant',
    writer,
    forgeries: writer.forgeries,
    refundsAtOnce: false,
    routes: (app) => {
      for (const entrance of Object.keys(METHODS) as Entrance[]) {
        app.post(`${API}${entrance}`, (request, reply) => wire.serve(entrance, request, reply));
      }
    },
    statusOf: paymentCode,
    refundStatusOf: refundCode,
    announcement,
    craft: (trade, wish) => Promise.resolve(writer.craft(trade, wish, clock())),
    visit: (visit) => {
      if (visit.kind !== 'form' || visit.url.pathname !== `${API}frontTransReq.do`) return null;
      return openForm(visit.fields, unionpay);
    },
    codeText: () => null,
    wayBack: (trade) =>
      trade.returnUrl === null || trade.paidAt === null ? null : { url: trade.returnUrl, form: frontNotice(trade, signing) },
    portalRefund: (trade, amount) => {
      const now = clock();
      return {
        outTradeNo: trade.outTradeNo,
        outRequestNo: `PORTAL${beijingTime(now)}${digits(6)}`,
        refundNo: newTradeNo('unionpay', now),
        amount,
        reason: null,
        notifyUrl: null, // Nobody gave an address for it.
        details: { txnType: '04', txnTime: beijingTime(now) },
      };
    },
  };
}
