import { SEQS_AN_ORDER } from './draft.js';

const MONEY = `jsonb_build_object('amount', due, 'currency', 'CNY')`;
const WHOSE = `'merchantId', merchant_id, 'orderId', id`;
const TRADE = `'attemptId', attempt_id, 'gateway', gateway, 'outTradeNo', out_trade_no`;
const REFUND = `'refundId', refund_id, 'amount', jsonb_build_object('amount', refund_amount, 'currency', 'CNY'), 'kind',
                CASE kind WHEN 'cancelled' THEN 'cancelled' ELSE 'requested' END`;
const RESTOCKED = `jsonb_build_array(jsonb_build_object('sku', first_sku, 'quantity', 1))`;
const CLOSED = `kind = 'expired'`;
const CANCELLED = `kind = 'cancelled'`;

const iso = (time: string): string => `to_char((${time}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

interface Step {
  readonly type: string;
  readonly when: string;
  readonly at: string;
  readonly actor: string;
  readonly facts: string;
  /** The step that it followed from; of the first of a request, none. Steps of one request share its letter. */
  readonly cause?: number;
  readonly request: string;
}

/** What happened to an order, in the order in which it happens: the same events, actors and causes as the program's own. */
const STEPS: readonly Step[] = [
  {
    ...{ type: 'order.created', when: 'true', at: 'created_at', actor: 'actor', request: 'a' },
    facts: `'number', number, 'items', items, 'due', ${MONEY}, 'expiresAt', ${iso('expires_at')}`,
  },
  { type: 'inventory.reserved', when: 'true', at: 'created_at', actor: 'actor', request: 'a', cause: 0, facts: `'items', items` },
  {
    ...{ type: 'payment.attempt_started', when: 'paid_at IS NOT NULL', at: 'started_at', actor: 'actor', request: 'b' },
    facts: `${TRADE}, 'method', method, 'amount', ${MONEY}`,
  },
  {
    ...{ type: 'payment.succeeded', when: 'paid_at IS NOT NULL', at: 'paid_at', actor: `'gateway:' || gateway`, request: 'c' },
    facts: `'paymentId', payment_id, ${TRADE}, 'paid', ${MONEY}, 'paidAt', ${iso('paid_at')}`,
  },
  {
    ...{ type: 'order.paid', when: 'paid_at IS NOT NULL', at: 'paid_at', actor: `'gateway:' || gateway`, request: 'c', cause: 3 },
    facts: `'paid', ${MONEY}, 'paidAt', ${iso('paid_at')}`,
  },
  {
    type: 'order.closing',
    when: CLOSED,
    at: 'cancelled_at',
    actor: `'system:expiry'`,
    request: 'd',
    facts: `'reason', 'not paid in time'`,
  },
  {
    type: 'payment.closed',
    when: CLOSED,
    at: 'cancelled_at',
    actor: `'system:expiry'`,
    request: 'd',
    cause: 5,
    facts: `'paymentId', payment_id`,
  },
  {
    ...{ type: 'order.cancelled', when: CLOSED, at: 'cancelled_at', actor: `'system:expiry'`, request: 'd', cause: 6 },
    facts: `'reason', 'not paid in time', 'released', items`,
  },
  {
    type: 'inventory.released',
    when: CLOSED,
    at: 'cancelled_at',
    actor: `'system:expiry'`,
    request: 'd',
    cause: 7,
    facts: `'items', items`,
  },
  {
    ...{ type: 'order.shipped', when: 'shipped_at IS NOT NULL', at: 'shipped_at', actor: 'actor', request: 'e' },
    facts: `'shipmentId', shipment_id, 'carrier', 'SF Express', 'trackingNumber', 'SF' || 1000000000000 + nth, 'items', items, 'complete', true`,
  },
  { type: 'order.completed', when: 'completed_at IS NOT NULL', at: 'completed_at', actor: 'actor', request: 'f', facts: `'by', 'hand'` },
  {
    ...{ type: 'order.cancelled', when: CANCELLED, at: 'cancelled_at', actor: 'actor', request: 'g' },
    facts: `'reason', 'changed their mind', 'released', items`,
  },
  {
    ...{ type: 'payment.refund_requested', when: 'refund_at IS NOT NULL', at: 'refund_at', actor: 'actor', request: 'g' },
    facts: `${REFUND}, 'attemptId', attempt_id, 'reason', CASE kind WHEN 'cancelled' THEN 'the order was cancelled' ELSE 'damaged in transit' END,
            'restock', CASE WHEN restocks THEN ${RESTOCKED} ELSE '[]' END`,
  },
  { type: 'inventory.released', when: CANCELLED, at: 'cancelled_at', actor: 'actor', request: 'g', cause: 11, facts: `'items', items` },
  {
    ...{
      type: 'order.units_restocked',
      when: 'refund_at IS NOT NULL AND restocks',
      at: 'refund_at',
      actor: 'actor',
      request: 'g',
      cause: 12,
    },
    facts: `'refundId', refund_id, 'returned', ${RESTOCKED}, 'unshipped', jsonb_build_array()`,
  },
  {
    ...{ type: 'payment.refund_succeeded', when: 'refund_at IS NOT NULL', at: `refund_at + interval '5 s'`, request: 'g', cause: 12 },
    ...{ actor: `'system:payment.send_refund'`, facts: `${REFUND}, 'refundedAt', ${iso(`refund_at + interval '5 s'`)}` },
  },
];

/** A cancelled order's refund followed from the cancelling, another one from its own request. */
function causeOf({ type, cause }: Step): string {
  const idOf = (step: number) => `pg_temp.id7(${STEPS[step]?.at ?? ''}, n, 'event${step}')`;
  if (type === 'payment.refund_requested') return `CASE kind WHEN 'cancelled' THEN ${idOf(11)} END`;
  return cause === undefined ? 'NULL::uuid' : idOf(cause);
}

/** One step of each order of a slice that took it. */
function rowsOf(step: Step, index: number): string {
  // What is let go of is never a cause of what is kept.
  const kept = (step.cause === undefined ? undefined : STEPS[step.cause]?.at) ?? step.at;
  return `SELECT p.last_event + (nth - 1) * ${SEQS_AN_ORDER} + ${index + 1}, pg_temp.id7(${step.at}, n, 'event${index}'), '${step.type}', 1, merchant_id, id,
       jsonb_build_object(${WHOSE}, ${step.facts}), 'fill-' || n || '${step.request}', ${causeOf(step)}, ${step.actor}, ${step.at}
  FROM draft CROSS JOIN plan p WHERE ${kept} > p.events_since AND ${step.when}`;
}

/** The log of a slice. */
export const EVENTS = `
INSERT INTO events (seq, id, type, version, merchant_id, order_id, facts, correlation_id, causation_id, actor, occurred_at)
${STEPS.map(rowsOf).join('\nUNION ALL\n')}
ORDER BY 1`;
