import { renderSVG } from 'uqr';
import type { Order } from '../ledger/trade.js';
import { html, Html, page } from './html.js';
import { inYuan } from './payer-page.js';

/** An order with the text of the QR picture under which a shop shows it. */
export interface ShownCode {
  readonly order: Order;
  readonly title: string;
  readonly text: string;
}

/** What a shop's screens show at this moment, newest first. */
export function codesPage(codes: readonly ShownCode[]): string {
  const none = html`<section>
    <p>没有等待扫码的订单<small>No code waits for a scan</small></p>
  </section>`;
  const sections = codes.map((code) => html`<section>${heading(code)}${picture(code.text)}${scanButton(code.text)}</section>`);
  return page('扫一扫 Scan a code', html`${codes.length === 0 ? none : sections}`);
}

/** One code, known or not: any text can be a picture, and scanning it tells what it is worth. */
export function codePage(text: string, known: ShownCode | undefined): string {
  return page('扫一扫 Scan a code', html`<section>${known ? heading(known) : null}${picture(text)}${scanButton(text)}</section>`);
}

function heading({ order, title }: ShownCode): Html {
  return html`<h1>${order.subject}<small>${title} · ${order.outTradeNo}</small></h1>
    <p class="amount">¥${inYuan(order.totalAmount)}</p>`;
}

function picture(text: string): Html {
  const svg = new Html(renderSVG(text, { ecc: 'M', border: 2 }));
  return html`<div class="code" role="img" aria-label="二维码 QR code">${svg}</div>
    <p><code>${text}</code></p>`;
}

/** What the payer's phone does with the picture; a browser cannot open `weixin://`. */
function scanButton(text: string): Html {
  return html`<a class="button" href="/scan/open?code=${encodeURIComponent(text)}">用手机扫码<small>Scan it, as a phone would</small></a>`;
}
