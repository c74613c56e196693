import { isOver, refundable, toShip, unitsToShip, type Attempt, type Model, type Order, type Refund } from './model.js';

// What follows from money, from time and from what gateways say.

/** The money of an attempt is heard of: it pays its order, or goes back. */
export function hearOfPayment(attempt: Attempt): void {
  if (attempt.known === 'succeeded') return;
  const { order } = attempt;
  attempt.known = 'succeeded';
  attempt.watched = 'no';
  attempt.hasJob = false;
  if (order.payment !== 'open') {
    attempt.usedAs = order.payment === 'closed' ? 'late' : 'surplus';
    order.refunds.push(newRefund(attempt, attempt.usedAs, order.due));
    return;
  }
  attempt.usedAs = 'payment';
  order.payment = 'succeeded';
  order.status = 'awaiting_shipment';
  for (const other of order.attempts) if (other.known === 'open') askToClose(other);
}

export function newRefund(attempt: Attempt, kind: Refund['kind'], amount: number): Refund {
  return { order: attempt.order, attempt, kind, amount, state: 'requested', ended: null, announced: false };
}

export function askToClose(attempt: Attempt): void {
  attempt.closing = true;
  attempt.hasJob = true;
}

/** An unpaid order begins to close. */
export function beginToClose(model: Model, order: Order): void {
  order.status = 'closing';
  for (const attempt of order.attempts) if (attempt.known === 'open') askToClose(attempt);
  endIfNothingIsOpen(model, order);
}

function endIfNothingIsOpen(model: Model, order: Order): void {
  if (order.status !== 'closing' || order.attempts.some(({ known }) => known === 'open')) return;
  order.payment = 'closed';
  cancel(model, order);
}

/** Nothing of it will be shipped any more, and what was paid goes back. */
export function cancel(model: Model, order: Order): void {
  order.status = 'cancelled';
  for (const line of order.lines) free(model, line, toShip(line));
  const left = refundable(order);
  const paying = order.attempts.find(({ usedAs }) => usedAs === 'payment');
  if (left === 0 || !paying) return;
  order.refunding += left;
  order.refunds.push(newRefund(paying, 'cancelled', left));
}

/** Units that never left go back on sale. */
export function free(model: Model, line: Order['lines'][number], units: number): void {
  line.cancelled += units;
  model.level(line.sku).reserved -= units;
}

/** We ask its gateway about an attempt, and close it there where that is due. */
export function ask(model: Model, attempt: Attempt): void {
  if (attempt.known === 'succeeded') return;
  if (model.isDown) {
    if (attempt.watched !== 'no') attempt.watched = 'soon';
    return;
  }
  if (attempt.trade === 'open' && model.now >= attempt.order.expiresAt) attempt.trade = 'closed';
  if (attempt.trade === 'paid') return hearOfPayment(attempt);
  const closes = attempt.closing || isOver(attempt, model.now);
  // UnionPay has no close, and knows of no payment before one has been made: what was closed with us may still be paid there.
  if (closes && attempt.trade === 'open' && attempt.gateway !== 'unionpay') attempt.trade = 'closed';
  const hasEnded = attempt.trade === 'closed' && attempt.gateway !== 'unionpay';
  if (!closes && !hasEnded) return;
  const isStillPayable = !hasEnded && !isOver(attempt, model.now);
  const wasAsked = attempt.known === 'open' || attempt.watched !== 'no';
  attempt.watched = wasAsked && isStillPayable ? 'at_the_end' : 'no';
  if (attempt.known !== 'open') return;
  attempt.known = 'closed';
  endIfNothingIsOpen(model, attempt.order);
}

/** A refund is sent, or asked about. */
export function proceed(model: Model, refund: Refund): void {
  if (refund.state === 'requested' || refund.state === 'lost') return send(model, refund);
  if (refund.state !== 'accepted' || model.isDown || refund.ended === null) return;
  settle(refund, refund.ended === 'succeeded' ? 'succeeded' : 'failed');
}

function send(model: Model, refund: Refund): void {
  const { gateway } = refund.attempt;
  if (model.isDown) refund.state = 'lost';
  else if (model.isDeclining && gateway !== 'unionpay') settle(refund, 'failed');
  else if (gateway !== 'alipay') refund.state = 'accepted';
  else {
    refund.attempt.givenBack += refund.amount;
    settle(refund, 'succeeded');
  }
}

function settle(refund: Refund, state: 'succeeded' | 'failed'): void {
  refund.state = state;
  if (refund.kind === 'surplus' || refund.kind === 'late') return;
  refund.order.refunding -= refund.amount;
  if (state === 'succeeded') refund.order.refunded += refund.amount;
}

/** The worker does what commits have left it to do, and what gateways have announced. */
export function work(model: Model): void {
  for (const attempt of model.attempts.filter(({ hasJob }) => hasJob)) {
    attempt.hasJob = false;
    if (attempt.known === 'open') ask(model, attempt);
  }
  for (const refund of model.refunds.filter(({ state, announced }) => state === 'requested' || announced)) {
    refund.announced = false;
    proceed(model, refund);
  }
}

/** So much time passes, and all that is due by then is done. */
export function passTime(model: Model, milliseconds: number): void {
  model.now += milliseconds;
  work(model);
  for (const attempt of model.attempts) {
    const isDue = attempt.watched === 'soon' || (attempt.watched === 'at_the_end' && isOver(attempt, model.now));
    if (attempt.known === 'open' || isDue) ask(model, attempt);
  }
  for (const refund of model.refunds) proceed(model, refund);
  for (const order of model.orders) {
    if (order.status === 'pending_payment' && order.expiresAt <= model.now) beginToClose(model, order);
  }
  while (model.attempts.some(({ hasJob }) => hasJob) || model.refunds.some(({ state }) => state === 'requested')) work(model);
}

/** Orders of which two payments would be heard of at once. */
export function heardOfTwice(model: Model): Order[] {
  const unheard = ({ trade, known }: Attempt) => trade === 'paid' && known !== 'succeeded';
  return model.orders.filter(({ payment, attempts }) => payment === 'open' && attempts.filter(unheard).length > 1);
}

/** Whether this ends the shipping of an order of which something has left: the last units will never leave. */
export const leavesNothingToShip = (order: Order, units: number): boolean =>
  unitsToShip(order) === units && units > 0 && order.lines.some(({ shipped }) => shipped > 0);
