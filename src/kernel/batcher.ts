import { assert } from './assert.js';

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface BatchLimits {
  readonly batchSize: number;
  readonly batchesInFlight: number;
  /**
   * So many are worth a batch of their own beside one that is under way; fewer wait for its end. Where as many come as make all that may be
   * under way worth it, each has its share of them, and waits for it. Where nothing is said, one is enough, and a batch takes all who wait.
   */
  readonly worthwhile?: number;
}

/** A batch that stands still holds up those who are too few for one of their own no longer than this. In milliseconds. */
const PATIENCE = 20;

/** With each batch, so much of a crowd is taken for gone, as long as it does not show itself. */
const GONE = 0.01;

/**
 * Natural batching: what arrives while a batch is under way forms the next one. A lone item waits for no more than what
 * the event loop has read already, so that requests which came at once are one batch. `handle` answers for each item at
 * its index; if it throws, all of the batch fails. Items that share a `queueOf` are handled one after the other, never
 * two of them in one batch: each finds what the one before it has done.
 */
export class Batcher<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private readonly busy = new Set<string>();
  private inFlight = 0;
  private underWay = 0;
  /** How many were here at once of late. */
  private crowd = 0;
  private begins = false;
  private patience: NodeJS.Timeout | undefined;

  constructor(
    private readonly handle: (items: readonly Item[]) => Promise<readonly Settled<Result>[]>,
    private readonly limits: BatchLimits,
    private readonly queueOf: (item: Item) => string | undefined = () => undefined,
  ) {}

  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.beginSoon();
    });
  }

  private beginSoon(): void {
    if (this.begins || this.inFlight >= this.limits.batchesInFlight || this.waiting.length === 0) return;
    if (this.inFlight > 0 && this.waiting.length < this.enough()) {
      this.patience ??= setTimeout(() => {
        this.patience = undefined;
        this.begin();
      }, PATIENCE);
      return;
    }
    this.begins = true;
    clearTimeout(this.patience);
    this.patience = undefined;
    setImmediate(() => {
      this.begins = false;
      this.begin();
    });
  }

  private begin(): void {
    const { batch, queues } = this.take();
    // All that wait, wait for somebody who is under way.
    if (batch.length === 0) return;
    this.inFlight += 1;
    this.underWay += batch.length;
    void this.run(batch).finally(() => {
      this.inFlight -= 1;
      this.underWay -= batch.length;
      for (const queue of queues) this.busy.delete(queue);
      this.beginSoon();
    });
    this.beginSoon();
  }

  /** So many begin a batch beside another one that is under way. */
  private enough(): number {
    const { batchSize, worthwhile } = this.limits;
    return worthwhile === undefined ? 1 : Math.min(batchSize, Math.max(worthwhile, this.share()));
  }

  /** So many are taken at once. Of a crowd, a batch leaves something for the next: or whoever handles them, and whoever they wait for, would only work in turns. */
  private most(): number {
    const { batchSize, batchesInFlight, worthwhile } = this.limits;
    this.crowd = Math.max(this.waiting.length + this.underWay, this.crowd * (1 - GONE));
    const isCrowd = worthwhile !== undefined && this.crowd >= batchesInFlight * worthwhile;
    return isCrowd ? Math.min(batchSize, this.share()) : batchSize;
  }

  private share(): number {
    return Math.ceil(this.crowd / this.limits.batchesInFlight);
  }

  private take(): { batch: Waiting<Item, Result>[]; queues: string[] } {
    const [batch, passed, queues]: [Waiting<Item, Result>[], Waiting<Item, Result>[], string[]] = [[], [], []];
    const most = this.most();
    let looked = 0;
    for (; looked < this.waiting.length && batch.length < most; looked += 1) {
      const one = this.waiting[looked];
      assert(one, 'who waits has an item');
      const queue = this.queueOf(one.item);
      if (queue !== undefined && this.busy.has(queue)) {
        passed.push(one);
        continue;
      }
      batch.push(one);
      if (queue === undefined) continue;
      queues.push(queue);
      this.busy.add(queue);
    }
    this.waiting = passed.concat(this.waiting.slice(looked));
    return { batch, queues };
  }

  private async run(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.handle(batch.map((member) => member.item));
      assert(results.length === batch.length, 'a batch answers each of its members');
      batch.forEach((member, index) => {
        const settled = results[index];
        if (settled === undefined) member.reject(new Error('a member of the batch has no answer'));
        else if (settled.ok) member.resolve(settled.value);
        else member.reject(settled.error);
      });
    } catch (error) {
      for (const member of batch) member.reject(error);
    }
  }
}

/** One member's own result: a batch can succeed for some and refuse others. */
export type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };
