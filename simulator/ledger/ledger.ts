import type { Clock } from '../clock.js';
import type { Change, Journal } from './journal.js';
import { newTradeNo } from './numbers.js';
import { REFUND_TRANSITIONS, type Refund, type RefundDue, type RefundOutcome, type RefundRequest } from './refund.js';
import { RefundBook } from './refund-book.js';
import { Refusal } from './refusal.js';
import { TRADE_TRANSITIONS, type GatewayName, type Order, type Trade, type TradeAction } from './trade.js';

/**
 * The books of the simulated gateways: orders, trades and refunds, and the rules by which they change.
 * Every method is synchronous, so one request sees and changes the books before the next one looks at them.
 */
export class Ledger {
  private readonly orders = new Map<string, Order>();
  private readonly codes = new Map<string, string>();
  private readonly trades = new Map<string, Trade>();
  private readonly tradeNumbers = new Map<string, string>();
  private readonly refunds = new RefundBook();

  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  order(outTradeNo: string): Order | undefined {
    return this.orders.get(outTradeNo);
  }

  /** The order behind a scanned code. */
  orderByCode(code: string): Order | undefined {
    return this.order(this.codes.get(code) ?? '');
  }

  trade(outTradeNo: string): Trade | undefined {
    const trade = this.trades.get(outTradeNo);
    return trade && this.expireWhenDue(trade);
  }

  tradeByNo(tradeNo: string): Trade | undefined {
    return this.trade(this.tradeNumbers.get(tradeNo) ?? '');
  }

  /** Oldest first. */
  allTrades(): Trade[] {
    return [...this.trades.values()].map((trade) => this.expireWhenDue(trade));
  }

  /** Orders that no payer has opened yet. */
  unopenedOrders(): Order[] {
    return [...this.orders.values()].filter((order) => !this.trades.has(order.outTradeNo));
  }

  allRefunds(): Refund[] {
    return this.refunds.all();
  }

  refund(outTradeNo: string, outRequestNo: string): Refund | undefined {
    return this.refunds.find(outTradeNo, outRequestNo);
  }

  /** For gateways at which a refund's number is the merchant's, and not the trade's. */
  refundByNumber(gateway: GatewayName, outRequestNo: string): Refund | undefined {
    return this.refunds.byNumber(gateway, outRequestNo);
  }

  refundsOf(outTradeNo: string): Refund[] {
    return this.refunds.ofTrade(outTradeNo);
  }

  /** Notes an order that a code was given out for. The trade comes with the payer. */
  place(order: Order): void {
    this.expectPayable(order);
    if (this.orders.has(order.outTradeNo)) throw new Refusal('already_ordered');
    this.commit({ kind: 'order', value: order });
  }

  /** The order's trade comes into being, or the one that exists goes on. */
  open(order: Order): Trade {
    this.expectPayable(order);
    const open = this.trade(order.outTradeNo);
    if (open) return open;
    const first = this.order(order.outTradeNo) ?? order;
    if (this.isPast(first.expiresAt)) throw new Refusal('expired');
    const trade = this.draft(first);
    this.commit({ kind: 'order', value: first }, { kind: 'trade', value: trade });
    return trade;
  }

  /** The payer scans a code, which leads to the same page. */
  scan(code: string): Trade {
    const order = this.orderByCode(code);
    if (!order) throw new Refusal('unknown_trade');
    const known = this.trade(order.outTradeNo);
    if (known) return known;
    if (order.code && this.isPast(order.code.expiresAt)) throw new Refusal('expired');
    return this.open(order);
  }

  /** The same trade goes on under a new code, say, or with another way back to the merchant. */
  amend(outTradeNo: string, fields: Partial<Pick<Order, 'code' | 'returnUrl' | 'details'>>): Trade {
    const trade = this.expectTrade(outTradeNo);
    const order = { ...(this.order(outTradeNo) ?? trade), ...fields };
    const amended = { ...trade, ...fields };
    this.commit({ kind: 'order', value: order }, { kind: 'trade', value: amended });
    return amended;
  }

  /** The trade as it would be if the payer opened the order now. Not in the books. */
  draft(order: Order): Trade {
    const now = this.clock();
    return {
      ...order,
      tradeNo: newTradeNo(order.gateway, now),
      state: 'unpaid',
      paidAmount: 0,
      refundedAmount: 0,
      refundingAmount: 0,
      createdAt: now.toISOString(),
      paidAt: null,
      closedAt: null,
      refusedAt: null,
    };
  }

  /** `late`: the money comes although the trade is closed already, as it can from a bank's own page. */
  pay(outTradeNo: string, amount?: number, late = false): Trade {
    const trade = this.expectTrade(outTradeNo);
    if (trade.state === 'closed' && !late) throw new Refusal('already_closed');
    if (trade.state !== 'unpaid' && trade.state !== 'closed') throw new Refusal('already_paid');
    const paid = { paidAmount: amount ?? trade.totalAmount, paidAt: this.clock().toISOString(), refusedAt: null, closedAt: null };
    return this.change(trade, trade.state === 'closed' ? 'payLate' : 'pay', paid);
  }

  /** The payer turns the order down, and may still think again. */
  refuse(outTradeNo: string): Trade {
    const trade = this.expectTrade(outTradeNo);
    if (trade.state !== 'unpaid') throw new Refusal('not_unpaid');
    const refused = { ...trade, refusedAt: this.clock().toISOString() };
    this.commit({ kind: 'trade', value: refused });
    return refused;
  }

  close(outTradeNo: string): Trade {
    const trade = this.expectTrade(outTradeNo);
    if (trade.state !== 'unpaid') throw new Refusal('not_unpaid');
    return this.change(trade, 'close', { closedAt: this.clock().toISOString() });
  }

  /** Gives money back at once. The same number and amount again is the same refund, and moves nothing: `moved` is then false. */
  giveBack(asked: RefundRequest): { refund: Refund; moved: boolean } {
    const { trade, refund, known } = this.draftRefund(asked, null);
    return known ? { refund: known, moved: false } : { refund: this.reach(trade, refund, 'succeeded'), moved: true };
  }

  /** Takes a refund on, which ends later. The same number and amount again is the same refund, wherever that stands by now. */
  acceptRefund(asked: RefundRequest, due: RefundDue): { refund: Refund; moved: boolean } {
    const { trade, refund, known } = this.draftRefund(asked, due);
    if (known) return { refund: known, moved: false };
    const underWay = { ...trade, refundingAmount: trade.refundingAmount + refund.amount };
    this.commit({ kind: 'trade', value: underWay }, { kind: 'refund', value: refund });
    return { refund, moved: true };
  }

  /** An accepted refund comes to its end, or an abnormal one is put right after all. */
  endRefund({ outTradeNo, outRequestNo }: Pick<Refund, 'outTradeNo' | 'outRequestNo'>, outcome: RefundOutcome): Refund {
    const trade = this.expectTrade(outTradeNo);
    const refund = this.refund(outTradeNo, outRequestNo);
    if (!refund) throw new Refusal('unknown_refund');
    if (!REFUND_TRANSITIONS[refund.state].includes(outcome)) throw new Refusal('refund_is_over');
    return this.reach({ ...trade, refundingAmount: trade.refundingAmount - refund.amount }, refund, outcome);
  }

  /** Puts a change where it belongs: used for new changes, and for those that the journal remembers. */
  apply(change: Change): void {
    if (change.kind === 'order') this.applyOrder(change.value);
    if (change.kind === 'trade') this.applyTrade(change.value);
    if (change.kind === 'refund') this.refunds.put(change.value);
  }

  clear(): void {
    for (const map of [this.orders, this.codes, this.trades, this.tradeNumbers, this.refunds]) map.clear();
  }

  private expectTrade(outTradeNo: string): Trade {
    const trade = this.trade(outTradeNo);
    if (!trade) throw new Refusal('unknown_trade');
    return trade;
  }

  private draftRefund(asked: RefundRequest, due: RefundDue | null): { trade: Trade; refund: Refund; known: Refund | undefined } {
    const trade = this.expectTrade(asked.outTradeNo);
    if (trade.paidAt === null) throw new Refusal('not_paid');
    const known = this.refund(asked.outTradeNo, asked.outRequestNo);
    if (known && known.amount !== asked.amount) throw new Refusal('request_number_reused');
    const left = trade.paidAmount - trade.refundedAmount - trade.refundingAmount;
    if (!known && asked.amount > left) throw new Refusal('exceeds_remaining');
    const at = this.clock().toISOString();
    return { trade, known, refund: { gateway: trade.gateway, ...asked, state: 'processing', at, endedAt: null, due } };
  }

  /** `trade` no longer counts the refund as under way. */
  private reach(trade: Trade, refund: Refund, outcome: RefundOutcome): Refund {
    const now = this.clock().toISOString();
    const ended: Refund = { ...refund, state: outcome, endedAt: now, due: null };
    if (outcome !== 'succeeded') {
      // An abnormal refund's money has left the trade and may still arrive, so it goes on counting.
      const refundingAmount = trade.refundingAmount + (outcome === 'abnormal' ? refund.amount : 0);
      this.commit({ kind: 'trade', value: { ...trade, refundingAmount } }, { kind: 'refund', value: ended });
      return ended;
    }
    const refundedAmount = trade.refundedAmount + refund.amount;
    const inFull = refundedAmount === trade.paidAmount;
    this.change(trade, inFull ? 'refundInFull' : 'refundInPart', { refundedAmount, ...(inFull && { closedAt: now }) }, ended);
    return ended;
  }

  /** One number is one order: the same number with other contents is refused, and so is an order that came to its end. */
  private expectPayable(order: Order): void {
    const known = this.orders.get(order.outTradeNo);
    if (known && !sameOrder(known, order)) throw new Refusal('different_order');
    const trade = this.trade(order.outTradeNo);
    if (trade?.state === 'closed' || trade?.state === 'refunded') throw new Refusal('already_closed');
    if (trade?.state === 'paid') throw new Refusal('already_paid');
  }

  private expireWhenDue(trade: Trade): Trade {
    if (trade.state !== 'unpaid' || !this.isPast(trade.expiresAt)) return trade;
    return this.change(trade, 'expire', { closedAt: trade.expiresAt });
  }

  private isPast(moment: string): boolean {
    return Date.parse(moment) <= this.clock().getTime();
  }

  private change(trade: Trade, action: TradeAction, fields: Partial<Trade>, refund?: Refund): Trade {
    const state = TRADE_TRANSITIONS[trade.state][action];
    if (state === undefined) throw new Error(`A trade that is ${trade.state} cannot ${action}.`);
    const changed = { ...trade, ...fields, state };
    this.commit({ kind: 'trade', value: changed }, ...(refund ? [{ kind: 'refund' as const, value: refund }] : []));
    return changed;
  }

  private commit(...changes: Change[]): void {
    this.journal.append(...changes);
    for (const change of changes) this.apply(change);
  }

  private applyOrder(order: Order): void {
    this.orders.set(order.outTradeNo, order);
    if (order.code) this.codes.set(order.code.value, order.outTradeNo);
  }

  private applyTrade(trade: Trade): void {
    this.trades.set(trade.outTradeNo, trade);
    this.tradeNumbers.set(trade.tradeNo, trade.outTradeNo);
  }
}

/** What a payer agrees to, and with whom. Addresses and deadlines may differ between two tries; the first ones stay. */
function sameOrder(one: Order, other: Order): boolean {
  return one.gateway === other.gateway && one.totalAmount === other.totalAmount && one.subject === other.subject && one.body === other.body;
}
