import { ApiError, asApiError, badParameter } from './api-error.js';
import { authorize, type WireRequest } from './authorization.js';
import type { Answered } from './calls/call.js';
import { ROUTES, type Route } from './calls/index.js';
import type { WechatpayContext } from './context.js';
import { JsonFields } from './json-fields.js';

/** What WeChat Pay has to say: 200 with a body, 204 without, or an error. */
export type Answer =
  { readonly kind: 'done'; readonly status: 200 | 204; readonly body: string } | { readonly kind: 'error'; readonly error: ApiError };

/** The call that a request makes, before anybody knows who makes it. */
export function routeOf({ method, target }: WireRequest): { route: Route; path: string[] } | undefined {
  const [path = ''] = target.split('?');
  for (const route of ROUTES) {
    const match = route.method === method ? route.path.exec(path) : null;
    if (match) return { route, path: match.slice(1).map(decoded) };
  }
  return undefined;
}

/** Does what the merchant asks, or says why not. Throws only where the simulator itself is wrong. */
export function answerRequest(request: WireRequest, wechatpay: WechatpayContext): Answer {
  try {
    const now = wechatpay.clock();
    authorize(request, wechatpay.merchant, now);
    const found = routeOf(request);
    if (!found) throw new ApiError('RESOURCE_NOT_EXISTS', '请求的URL不存在');
    const query = new URLSearchParams(request.target.split('?')[1] ?? '');
    return done(found.route.answer({ path: found.path, query, body: () => JsonFields.parse(request.body), now }, wechatpay));
  } catch (thrown) {
    return { kind: 'error', error: asApiError(thrown) };
  }
}

function done(answered: Answered): Answer {
  if (answered === null) return { kind: 'done', status: 204, body: '' };
  // Whoever parses and writes the JSON anew before verifying finds out here, not in production.
  return { kind: 'done', status: 200, body: JSON.stringify(answered).replaceAll('&', '\\u0026').replaceAll('/', '\\/') };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badParameter('路径编码有误');
  }
}
