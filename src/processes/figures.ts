import type { Worker } from 'node:cluster';
import { setTimeout as pause } from 'node:timers/promises';
import { AggregatorRegistry, Counter, Registry } from 'prom-client';

import type { Figures, Instruction, Word } from './messages.js';

/** A process that does not answer within this is left out: what the others count is worth having. In milliseconds. */
const LONGEST_ANSWER = 1_000;

/**
 * The figures of all processes as one text. Each process has a label of its own, so that Prometheus sees for itself when
 * one was begun anew and its counts from zero; sums are the reader's: `sum without (process) (rate(…))`.
 */
export class AllFigures {
  private readonly own = new Registry();
  private asked = 0;

  readonly restarts = new Counter({
    name: 'suanpan_process_restarts_total',
    help: 'Processes that ended by themselves and were begun anew.',
    labelNames: ['process'],
    registers: [this.own],
  });

  async of(children: readonly Worker[]): Promise<string> {
    const id = (this.asked += 1);
    const counted = await Promise.all([this.own.getMetricsAsJSON(), ...children.map((child) => figuresOf(child, id))]);
    // The way to add up is for figures whose labels are the same, and none are. Some would be left out by it.
    const each = counted.map((figures) => figures.map((figure) => ({ ...figure, aggregator: 'first' })));
    return AggregatorRegistry.aggregate(each).metrics();
  }
}

async function figuresOf(child: Worker, id: number): Promise<Figures> {
  let hear: (word: Word) => void = () => undefined;
  const answer = new Promise<Figures>((resolve) => {
    hear = (word) => {
      if (word.kind === 'figures' && word.id === id) resolve(word.figures);
    };
    child.on('message', hear);
    child.send({ kind: 'count', id } satisfies Instruction, () => undefined);
  });
  try {
    return await Promise.race([answer, pause(LONGEST_ANSWER, [], { ref: false })]);
  } finally {
    child.off('message', hear);
  }
}
