import { html, page } from './html.js';

/** What a payer sees instead of an order. The merchant's server learns nothing of it, as with a real gateway. */
export function refusalPage(code: string, message: string): string {
  return page(
    '无法付款 Cannot be paid',
    html`<section>
      <p class="result">无法付款<small>This order cannot be paid</small></p>
      <p>${message}</p>
      <p><code>${code}</code></p>
    </section>`,
  );
}
