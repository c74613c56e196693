import type { Product, Trade } from '../ledger/trade.js';
import { answerNode, type Fields } from './answer.js';
import { checkApp, checkCall, checkMethod, type Call } from './call.js';
import { ALIPAY_APP_ID, type AlipayContext } from './context.js';
import { KNOWN_METHODS, PAGE_METHODS, SERVER_METHODS } from './methods/index.js';
import { openPage } from './methods/pay-page.js';
import { asRefused, Refused } from './refused.js';
import type { Parameters } from './signing.js';

/** What Alipay has to say to a call. A refusal reaches a server as JSON, and a payer's browser as a page. */
export type Answer =
  | { readonly kind: 'json'; readonly node: string; readonly fields: Fields; readonly signed: boolean }
  | { readonly kind: 'redirect'; readonly trade: Trade }
  | { readonly kind: 'page'; readonly refused: Refused };

/** Does what the merchant asks, or says why not. Throws only where the simulator itself is wrong. */
export function answerCall(parameters: Parameters, alipay: AlipayContext): Answer {
  const page = PAGE_METHODS.get(parameters.method ?? '');
  try {
    checkApp(parameters, ALIPAY_APP_ID);
    const method = checkMethod(parameters, KNOWN_METHODS);
    const call = checkCall(parameters, method, alipay.appPublicKey);
    return page === undefined ? serverAnswer(call, alipay) : { kind: 'redirect', trade: openPage(call, page, alipay) };
  } catch (thrown) {
    return refusal(parameters, asRefused(thrown));
  }
}

export function refusal(parameters: Parameters, refused: Refused): Answer {
  const method = parameters.method ?? '';
  if (PAGE_METHODS.has(method)) return { kind: 'page', refused };
  const known = SERVER_METHODS.has(method);
  const signed = refused.subCode !== 'isv.invalid-app-id' && refused.subCode !== 'isv.missing-app-id';
  // An answer to nobody in particular has no node of its own.
  return { kind: 'json', node: known && signed ? answerNode(method) : 'error_response', fields: refused.fields(), signed };
}

/** The payer follows the URL that the merchant gave them. Throws what Alipay refuses. */
export function openPageUrl(parameters: Parameters, alipay: AlipayContext): Trade {
  checkApp(parameters, ALIPAY_APP_ID);
  const method = checkMethod(parameters, KNOWN_METHODS);
  const product: Product | undefined = PAGE_METHODS.get(method);
  if (product === undefined) throw new Refused('40002', 'isv.invalid-method', `${method} is not a page that a payer can open`);
  return openPage(checkCall(parameters, method, alipay.appPublicKey), product, alipay);
}

function serverAnswer(call: Call, alipay: AlipayContext): Answer {
  const fields = SERVER_METHODS.get(call.method)?.(call, alipay) ?? {};
  return { kind: 'json', node: answerNode(call.method), fields: { code: '10000', msg: 'Success', ...fields }, signed: true };
}
