import type { Trade } from '../ledger/trade.js';
import { answerNode, type Fields } from './answer.js';
import { checkApp, checkCall, checkMethod, type Call } from './call.js';
import type { SigningKey } from './apps.js';
import type { AlipayContext } from './context.js';
import { KNOWN_METHODS, PAGE_METHODS, PAYER_METHODS, SERVER_METHODS } from './methods/index.js';
import { openPage } from './methods/pay-page.js';
import { asRefused, Refused } from './refused.js';
import type { Parameters } from './signing.js';

/** What Alipay has to say to a call. A refusal reaches a server as JSON, and a payer's browser as a page. */
export type Answer =
  | { readonly kind: 'json'; readonly node: string; readonly fields: Fields; readonly key: SigningKey | null }
  | { readonly kind: 'redirect'; readonly trade: Trade }
  | { readonly kind: 'page'; readonly refused: Refused };

/** Does what the merchant asks, or says why not. Throws only where the simulator itself is wrong. */
export function answerCall(parameters: Parameters, alipay: AlipayContext): Answer {
  const page = PAGE_METHODS.get(parameters.method ?? '');
  try {
    const app = checkApp(parameters, alipay.apps);
    const method = checkMethod(parameters, KNOWN_METHODS);
    const call = checkCall(parameters, method, app);
    return page === undefined ? serverAnswer(call, alipay) : { kind: 'redirect', trade: openPage(call, page, alipay) };
  } catch (thrown) {
    return refusal(parameters, asRefused(thrown), alipay);
  }
}

export function refusal(parameters: Parameters, refused: Refused, alipay: AlipayContext): Answer {
  const method = parameters.method ?? '';
  if (PAGE_METHODS.has(method)) return { kind: 'page', refused };
  const known = SERVER_METHODS.has(method);
  const key = alipay.apps.find(parameters.app_id)?.signing ?? null;
  // An answer to nobody in particular has no node of its own.
  return { kind: 'json', node: known && key ? answerNode(method) : 'error_response', fields: refused.fields(), key };
}

/** The payer's device comes with what the merchant signed for it. Throws what Alipay refuses. */
export function openForPayer(parameters: Parameters, alipay: AlipayContext): Trade {
  const app = checkApp(parameters, alipay.apps);
  const method = checkMethod(parameters, new Set([...KNOWN_METHODS, ...PAYER_METHODS.keys()]));
  const product = PAYER_METHODS.get(method);
  if (product === undefined) throw new Refused('40002', 'isv.invalid-method', `${method} is nothing that a payer can open`);
  return openPage(checkCall(parameters, method, app), product, alipay);
}

function serverAnswer(call: Call, alipay: AlipayContext): Answer {
  const fields = SERVER_METHODS.get(call.method)?.(call, alipay) ?? {};
  return { kind: 'json', node: answerNode(call.method), fields: { code: '10000', msg: 'Success', ...fields }, key: call.app.signing };
}
