import type { Cashier } from '../cashier.js';
import type { Gateway } from '../gateway.js';
import type { Order, Trade } from '../ledger/trade.js';
import { html, page, type Html } from './html.js';
import { inYuan, payerPath } from './payer-page.js';

const SHOWN = 50;

/** The newest trades, and the codes that wait for a scan. */
export function indexPage(trades: readonly Trade[], unopened: readonly Order[], cashier: Cashier): string {
  const rows = trades
    .slice(-SHOWN)
    .reverse()
    .map((trade) => row(payerPath(trade.outTradeNo), trade, cashier.gatewayOf(trade), cashier.gatewayOf(trade).statusOf(trade)));
  const waiting = unopened
    .slice(-SHOWN)
    .reverse()
    .map((order) => row(order.code ? `/qr/${order.code.value}` : '/', order, cashier.gatewayOf(order), '等待扫码 waiting for a scan'));
  const content = html`<section>
      <h1>
        这里代替支付网关：商户照真实协议调用，您来扮演付款人。<small
          >This stands in for the payment gateways on their real protocols. You play the payer.</small
        >
      </h1>
      <p><a href="/scan">/scan</a>：商户展示的二维码<small>the QR codes that shops show</small></p>
      <p><a href="/log">/log</a>：全部交易、退款、通知、请求<small>every trade, refund, notice and request, as JSON</small></p>
    </section>
    <section>
      ${waiting.length + rows.length === 0 ? html`<p>还没有交易<small>No trades yet</small></p>` : table([...waiting, ...rows])}
    </section>`;
  return page('算盘支付模拟器 Suanpan gateway simulator', content, { wide: true });
}

function table(rows: readonly Html[]): Html {
  return html`<table>
    <tr>
      <th>订单<small>Order</small></th>
      <th>网关<small>Gateway</small></th>
      <th>商品<small>Subject</small></th>
      <th>金额<small>Amount</small></th>
      <th>状态<small>Status</small></th>
    </tr>
    ${rows}
  </table>`;
}

function row(address: string, order: Order, { title }: Gateway, status: string): Html {
  return html`<tr>
    <td><a href="${address}">${order.outTradeNo}</a></td>
    <td>${title}</td>
    <td>${order.subject}</td>
    <td class="number">¥${inYuan(order.totalAmount)}</td>
    <td>${status}</td>
  </tr>`;
}
