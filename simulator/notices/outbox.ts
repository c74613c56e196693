import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { Journal } from '../ledger/journal.js';
import { Delivery } from './delivery.js';
import type { Attempt, Notice, NoticeState, NoticeWriters, SealedNotice } from './notice.js';

export const KEPT_NOTICES = 10_000;

/** What happens to the notices that the gateway sends by itself. */
export interface NoticeMode {
  readonly mode: 'deliver' | 'drop' | 'hold';
  readonly delayMs: number; // Before the first try.
  readonly refunds: boolean; // Whether Alipay announces refunds too, which it does not by default. The others always do.
}

const AS_REAL: NoticeMode = { mode: 'deliver', delayMs: 0, refunds: false };

/** What a gateway has to say about a trade, before it is a notice. */
export type Message = Pick<Notice, 'gateway' | 'outTradeNo' | 'outRequestNo' | 'tradeStatus' | 'url' | 'fields'>;

/** Notices on their way: sends them, tries again until the merchant answers as it should, and remembers both over a restart. */
export class Outbox {
  mode = AS_REAL;
  private readonly notices = new Map<string, Notice>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly waiting = new Map<string, () => void>();
  private readonly underWay = new Map<string, Promise<Notice>>();
  private readonly delivery: Delivery;
  private closed = false;

  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
    private readonly writerOf: NoticeWriters,
  ) {
    this.delivery = new Delivery(clock);
  }

  list(): Notice[] {
    return [...this.notices.values()].slice(-KEPT_NOTICES);
  }

  /** Sends by itself, as `mode` says. Resolves when the first try is over, or at once where there is none. */
  async announce(message: Message): Promise<Notice> {
    const state: NoticeState = { deliver: 'pending' as const, drop: 'dropped' as const, hold: 'held' as const }[this.mode.mode];
    const { delayMs } = this.mode;
    const due = new Date(this.clock().getTime() + delayMs).toISOString();
    const notice = this.record({ ...this.fresh(message), state, nextAttemptAt: state === 'pending' ? due : null });
    if (state !== 'pending') return notice;
    if (delayMs > 0) await this.firstTry(notice);
    else await this.attempt(notice.notifyId);
    return this.notices.get(notice.notifyId) ?? notice;
  }

  /** Sends exactly this, once, whatever `mode` says. */
  async sendOnce(message: Message & { readonly notifyId: string }, sealed: SealedNotice): Promise<Notice> {
    // A copy under an id that is already known is one more attempt of that notice, as it is for whoever receives it.
    const known = this.notices.get(message.notifyId);
    if (!known) this.record({ ...this.fresh(message), notifyId: message.notifyId, state: 'once' });
    const attempt = await this.delivery.post(message.url, sealed, this.writerOf(message.gateway).timeoutMs);
    return this.after(message.notifyId, attempt, {}) ?? { ...this.fresh(message), attempts: [attempt] };
  }

  /** Lets go of what was held, one after the other. */
  async release(order: 'sent' | 'reversed'): Promise<Notice[]> {
    const held = this.list().filter((notice) => notice.state === 'held');
    if (order === 'reversed') held.reverse();
    for (const notice of held) this.record({ ...notice, state: 'pending', nextAttemptAt: this.clock().toISOString() });
    return this.attemptAll(held);
  }

  /** Does every outstanding retry now instead of when it is due. */
  async retryNow(): Promise<Notice[]> {
    return this.attemptAll(this.list().filter((notice) => notice.state === 'pending'));
  }

  /** Remembers a notice of before the restart. */
  restore(notice: Notice): void {
    this.notices.set(notice.notifyId, notice);
    this.forgetOldest();
  }

  /** Takes up the tries that the last run left. */
  resume(): void {
    for (const notice of this.list()) if (notice.state === 'pending') this.schedule(notice);
  }

  clear(): void {
    this.stopTimers();
    this.notices.clear();
    this.mode = AS_REAL;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.stopTimers();
    await this.delivery.close();
    await Promise.all(this.underWay.values());
  }

  private async attemptAll(notices: readonly Notice[]): Promise<Notice[]> {
    const tried: Notice[] = [];
    for (const notice of notices) tried.push((await this.attempt(notice.notifyId)) ?? notice);
    return tried;
  }

  /** One try at a time for each notice: who asks for another one meanwhile gets the outcome of this one. */
  private async attempt(notifyId: string): Promise<Notice | undefined> {
    const current = this.underWay.get(notifyId);
    if (current) return current;
    const notice = this.notices.get(notifyId);
    if (this.closed || notice?.state !== 'pending') return notice;
    clearTimeout(this.timers.get(notifyId));
    this.timers.delete(notifyId);
    const attempt = this.tryOnce(notice).finally(() => this.underWay.delete(notifyId));
    this.underWay.set(notifyId, attempt);
    return attempt;
  }

  private async tryOnce(notice: Notice): Promise<Notice> {
    const writer = this.writerOf(notice.gateway);
    const attempt = await this.delivery.post(notice.url, writer.seal(notice, this.clock()), writer.timeoutMs);
    // A try that our own end cut short is no answer of the merchant's, and is made again by the next run.
    if (this.closed) return notice;
    const pause = writer.retryAfterMs[notice.attempts.length];
    const next = pause === undefined ? null : new Date(this.clock().getTime() + pause).toISOString();
    const state = writer.accepts(attempt) ? 'delivered' : next === null ? 'given_up' : 'pending';
    const tried = this.after(notice.notifyId, attempt, { state, nextAttemptAt: state === 'pending' ? next : null });
    if (tried?.state === 'pending') this.schedule(tried);
    this.stopWaiting(notice.notifyId);
    return tried ?? notice;
  }

  /** Over after the first try, whether its timer or someone's `retryNow` made it, or when there will be none. */
  private firstTry(notice: Notice): Promise<void> {
    return new Promise((tried) => {
      this.waiting.set(notice.notifyId, tried);
      this.schedule(notice);
    });
  }

  private stopWaiting(notifyId: string): void {
    this.waiting.get(notifyId)?.();
    this.waiting.delete(notifyId);
  }

  /** Undefined where the books were cleared while the try was under way: what belonged to them stays forgotten. */
  private after(notifyId: string, attempt: Attempt, fields: Partial<Notice>): Notice | undefined {
    const notice = this.notices.get(notifyId);
    return notice && this.record({ ...notice, ...fields, attempts: [...notice.attempts, attempt] });
  }

  private schedule(notice: Notice): void {
    const due = notice.nextAttemptAt === null ? 0 : Date.parse(notice.nextAttemptAt) - this.clock().getTime();
    const timer = setTimeout(() => void this.attempt(notice.notifyId), Math.max(0, due));
    timer.unref(); // A retry in fifteen hours keeps no program alive.
    this.timers.set(notice.notifyId, timer);
  }

  private fresh(message: Message): Notice {
    const { gateway, outTradeNo, outRequestNo, tradeStatus, url, fields } = message;
    const notifyId = newNotifyId(this.clock());
    const said = { gateway, outTradeNo, outRequestNo, tradeStatus, url, fields };
    return { notifyId, ...said, createdAt: this.clock().toISOString(), state: 'once', nextAttemptAt: null, attempts: [] };
  }

  private record(notice: Notice): Notice {
    // The books are closed by now; what is begun only after that is not remembered.
    if (this.closed) return notice;
    this.journal.append({ kind: 'notice', value: notice });
    this.notices.set(notice.notifyId, notice);
    this.forgetOldest();
    return notice;
  }

  /** A tenth at a time, so that the cost of looking is spread. What still has to be sent is kept, however old. */
  private forgetOldest(): void {
    if (this.notices.size <= KEPT_NOTICES * 1.1) return;
    for (const [id, notice] of this.notices) {
      if (this.notices.size <= KEPT_NOTICES) return;
      if (notice.state !== 'pending' && notice.state !== 'held') this.notices.delete(id);
    }
  }

  private stopTimers(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    for (const notifyId of this.waiting.keys()) this.stopWaiting(notifyId);
  }
}

/** Day first, as the real ones are; 34 characters of the 128 allowed. */
export function newNotifyId(now: Date): string {
  return `${now.toISOString().slice(0, 10).replaceAll('-', '')}${randomUUID().replaceAll('-', '').slice(0, 26)}`;
}
