import type { Clock } from './clock.js';
import type { Ledger } from './ledger/ledger.js';
import type { Refund, RefundOutcome, RefundRequest } from './ledger/refund.js';
import type { Notice } from './notices/notice.js';

/** How refunds that are accepted from now on will end. */
export interface RefundPlan {
  readonly settleAfterMs: number;
  readonly outcome: RefundOutcome;
  readonly hold: boolean; // They stay under way until a test settles them.
}

const AS_REAL: RefundPlan = { settleAfterMs: 0, outcome: 'succeeded', hold: false };

/**
 * Refunds that a gateway accepts first and that end by themselves later. How one ends is decided, and written down, when it is
 * accepted, so that it survives a restart. The simulator's clock says when; a clock that a test moves is looked at with each request.
 */
export class Refunds {
  plan = AS_REAL;
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly waiting = new Map<string, Refund>();

  /** `ended` tells the merchant, and resolves when the first try of that is over. */
  constructor(
    private readonly ledger: Ledger,
    private readonly clock: Clock,
    private readonly ended: (refund: Refund) => Promise<Notice | null>,
  ) {}

  /** The answer to the merchant leaves before the refund ends, however soon that is. */
  accept(asked: RefundRequest): { refund: Refund; moved: boolean } {
    const { settleAfterMs, outcome, hold } = this.plan;
    const at = hold ? null : new Date(this.clock().getTime() + settleAfterMs).toISOString();
    const accepted = this.ledger.acceptRefund(asked, { at, outcome });
    if (accepted.moved) this.watch(accepted.refund);
    return accepted;
  }

  /** For gateways whose refunds are over at once. */
  giveBack(asked: RefundRequest): { refund: Refund; moved: boolean } {
    const done = this.ledger.giveBack(asked);
    if (done.moved) void this.ended(done.refund);
    return done;
  }

  settleDue(): void {
    const now = this.clock().getTime();
    for (const refund of this.waiting.values())
      if (refund.due?.at && Date.parse(refund.due.at) <= now) void this.end(refund, refund.due.outcome);
  }

  /** Ends it now, held or not. */
  async end(refund: Refund, outcome: RefundOutcome): Promise<Notice | null> {
    const ended = this.ledger.endRefund(refund, outcome);
    this.waiting.delete(keyOf(refund));
    return this.ended(ended);
  }

  /** Takes up what the last run left under way. */
  resume(): void {
    for (const refund of this.ledger.allRefunds()) if (refund.state === 'processing') this.watch(refund);
  }

  clear(): void {
    this.plan = AS_REAL;
    this.close();
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.waiting.clear();
  }

  private watch(refund: Refund): void {
    if (!refund.due?.at) return;
    this.waiting.set(keyOf(refund), refund);
    const timer = setTimeout(
      () => {
        this.timers.delete(timer);
        this.settleDue();
      },
      Math.max(0, Date.parse(refund.due.at) - this.clock().getTime()),
    );
    timer.unref();
    this.timers.add(timer);
  }
}

function keyOf({ outTradeNo, outRequestNo }: Refund): string {
  return `${outTradeNo} ${outRequestNo}`;
}
