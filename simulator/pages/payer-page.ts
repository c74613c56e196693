import type { Gateway, WayBack } from '../gateway.js';
import type { Trade } from '../ledger/trade.js';
import { html, page, type Html } from './html.js';

/** The order as the payer sees it, with what can be done about it. */
export function payerPage(trade: Trade, gateway: Gateway): string {
  const back = gateway.wayBack(trade);
  const content = html`<section>
    <h1>${trade.subject}</h1>
    <p class="amount">¥${inYuan(trade.paidAt === null ? trade.totalAmount : trade.paidAmount)}</p>
    ${result(trade)}
    <dl>
      <dt>收款方<small>Merchant</small></dt>
      <dd>${gateway.merchant}</dd>
      <dt>付款方式<small>Paid with</small></dt>
      <dd>${gateway.title}</dd>
      <dt>商户订单号<small>Order number</small></dt>
      <dd>${trade.outTradeNo}</dd>
      <dt>交易号<small>Trade number</small></dt>
      <dd>${trade.tradeNo}</dd>
      <dt>状态<small>Status</small></dt>
      <dd>${gateway.statusOf(trade)}</dd>
    </dl>
    ${trade.state === 'unpaid' ? choices(trade) : null} ${back === null ? null : wayBack(back)}
  </section>`;
  return page(`${trade.subject} · ${gateway.title}`, content, { then: back?.form === null ? back.url : null });
}

/** By itself after three seconds: a link by the page, a form by a script. */
function wayBack({ url, form }: WayBack): Html {
  const label = html`返回商户<small>Back to the merchant</small>`;
  if (form === null) return html`<a class="button" href="${url}">${label}</a>`;
  const fields = Object.entries(form).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);
  return html`<form method="post" action="${url}" id="back">${fields}<button>${label}</button></form>
    <script>
      setTimeout(() => document.getElementById('back').submit(), 3000);
    </script>`;
}

function choices(trade: Trade): Html {
  return html`<form method="post" action="${payerPath(trade.outTradeNo)}/pay">
      <button>付款<small>Pay</small></button>
    </form>
    <form method="post" action="${payerPath(trade.outTradeNo)}/refuse">
      <button class="quiet">拒绝<small>Refuse</small></button>
    </form>`;
}

function result(trade: Trade): Html | null {
  switch (trade.state) {
    case 'paid':
      if (trade.refundedAmount === 0) return html`<p class="result">付款成功<small>Paid</small></p>`;
      return html`<p class="result">付款成功，已退 ¥${inYuan(trade.refundedAmount)}<small>Paid, and refunded in part</small></p>`;
    case 'refunded':
      return html`<p class="result">已全额退款<small>Refunded in full</small></p>`;
    case 'closed':
      return html`<p class="result">订单已关闭，不能付款<small>Closed or expired: it can no longer be paid</small></p>`;
    case 'unpaid':
      return trade.refusedAt === null ? null : html`<p class="result">您已拒绝付款<small>You refused. You may still pay.</small></p>`;
  }
}

/** A merchant's number may hold characters that mean something in an address. */
export function payerPath(outTradeNo: string): string {
  return `/pay/${encodeURIComponent(outTradeNo)}`;
}

export function inYuan(fen: number): string {
  const digits = String(fen).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
