import { routeOf } from './answer-request.js';
import type { WireRequest } from './authorization.js';

/** What a call is about, as far as it says so itself: for faults and the log, which see refused calls as well. */
export interface Subject {
  readonly name: string | null;
  readonly outTradeNo: string | null;
  readonly outRequestNo: string | null;
}

export function subjectOf(request: WireRequest): Subject {
  const { name, path } = known(request);
  const body = request.method === 'POST' ? objectIn(request.body) : {};
  const isOurs = name !== 'refund_query' && !request.target.startsWith('/v3/pay/transactions/id/');
  const outTradeNo = isOurs ? (path[0] ?? text(body.out_trade_no)) : null;
  return { name, outTradeNo, outRequestNo: name === 'refund_query' ? (path[0] ?? null) : text(body.out_refund_no) };
}

function known(request: WireRequest): { name: string | null; path: readonly string[] } {
  try {
    const found = routeOf(request);
    return { name: found?.route.name ?? null, path: found?.path ?? [] };
  } catch {
    return { name: null, path: [] };
  }
}

function objectIn(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, 64) : null;
}
