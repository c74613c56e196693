import { randomInt } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { Change, Journal } from './journal.js';
import { TRADE_TRANSITIONS, Refusal, type Order, type Refund, type Trade, type TradeAction } from './trade.js';

/**
 * The books of the simulated gateways: orders, trades and refunds, and the rules by which they change.
 * Every method is synchronous, so one request sees and changes the books before the next one looks at them.
 */
export class Ledger {
  private readonly orders = new Map<string, Order>();
  private readonly codes = new Map<string, string>();
  private readonly trades = new Map<string, Trade>();
  private readonly tradeNumbers = new Map<string, string>();
  private readonly refunds = new Map<string, Map<string, Refund>>();

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

  /** Codes that nobody has scanned yet. */
  unopenedOrders(): Order[] {
    return [...this.orders.values()].filter((order) => !this.trades.has(order.outTradeNo));
  }

  allRefunds(): Refund[] {
    return [...this.refunds.values()].flatMap((ofTrade) => [...ofTrade.values()]);
  }

  refund(outTradeNo: string, outRequestNo: string): Refund | undefined {
    return this.refunds.get(outTradeNo)?.get(outRequestNo);
  }

  /** Notes an order that a code was given out for. The trade comes with the payer. */
  place(order: Order): void {
    this.expectPayable(order);
    if (this.orders.has(order.outTradeNo)) throw new Refusal('already_ordered');
    this.commit({ kind: 'order', value: order });
  }

  /** The payer opens the order's page: the trade comes into being, or the one that exists goes on. */
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

  /** The trade as it would be if the payer opened the order now. Not in the books. */
  draft(order: Order): Trade {
    const now = this.clock();
    return {
      ...order,
      tradeNo: newTradeNo(now),
      state: 'unpaid',
      paidAmount: 0,
      refundedAmount: 0,
      createdAt: now.toISOString(),
      paidAt: null,
      closedAt: null,
      refusedAt: null,
    };
  }

  pay(outTradeNo: string, amount?: number): Trade {
    const trade = this.expectTrade(outTradeNo);
    if (trade.state === 'closed') throw new Refusal('already_closed');
    if (trade.state !== 'unpaid') throw new Refusal('already_paid');
    const paid = { paidAmount: amount ?? trade.totalAmount, paidAt: this.clock().toISOString(), refusedAt: null };
    return this.change(trade, 'pay', paid);
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

  /** Gives money back. The same number and amount again is the same refund, and moves nothing: `moved` is then false. */
  giveBack(asked: { outTradeNo: string; outRequestNo: string; amount: number; reason: string | null }): { refund: Refund; moved: boolean } {
    const trade = this.expectTrade(asked.outTradeNo);
    if (trade.paidAt === null) throw new Refusal('not_paid');
    const before = this.refund(asked.outTradeNo, asked.outRequestNo);
    if (before && before.amount !== asked.amount) throw new Refusal('request_number_reused');
    if (before) return { refund: before, moved: false };

    const refundedAmount = trade.refundedAmount + asked.amount;
    if (refundedAmount > trade.paidAmount) throw new Refusal('exceeds_remaining');
    const now = this.clock().toISOString();
    const refund: Refund = { gateway: trade.gateway, ...asked, at: now };
    const inFull = refundedAmount === trade.paidAmount;
    this.change(trade, inFull ? 'refundInFull' : 'refundInPart', { refundedAmount, ...(inFull && { closedAt: now }) }, refund);
    return { refund, moved: true };
  }

  /** Puts a change where it belongs: used for new changes, and for those that the journal remembers. */
  apply(change: Change): void {
    if (change.kind === 'order') this.applyOrder(change.value);
    if (change.kind === 'trade') this.applyTrade(change.value);
    if (change.kind === 'refund') this.applyRefund(change.value);
  }

  clear(): void {
    for (const map of [this.orders, this.codes, this.trades, this.tradeNumbers, this.refunds]) map.clear();
  }

  private expectTrade(outTradeNo: string): Trade {
    const trade = this.trade(outTradeNo);
    if (!trade) throw new Refusal('unknown_trade');
    return trade;
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

  private applyRefund(refund: Refund): void {
    const ofTrade = this.refunds.get(refund.outTradeNo) ?? new Map<string, Refund>();
    this.refunds.set(refund.outTradeNo, ofTrade.set(refund.outRequestNo, refund));
  }
}

/** What a payer agrees to. Addresses and deadlines may differ between two tries; the first ones stay. */
function sameOrder(one: Order, other: Order): boolean {
  return one.totalAmount === other.totalAmount && one.subject === other.subject && one.body === other.body;
}

/** 28 digits, the day first, as the real ones are. */
function newTradeNo(now: Date): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  return `${day}22001${String(randomInt(1e12)).padStart(12, '0')}${String(randomInt(1e3)).padStart(3, '0')}`;
}
