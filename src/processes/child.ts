import 'reflect-metadata';

import type { Program } from '../program.js';
import { startProblem } from '../start-problem.js';
import type { Instruction, Word } from './messages.js';

// A process that was begun by another one. What it is to be, and with which settings, it is told there; when that one is
// gone, by whatever signal, Node ends this one as well, because it has lost its line to it.

type Begin = Extract<Instruction, { kind: 'begin' }>;

// Read while the database still starts.
const reading = import('../program.js');
reading.catch(() => undefined);

let program: Program | undefined;
let stopping = false;
let asked = 0;
/** Those who wait for the figures of all processes. */
const waiting = new Map<number, (text: string) => void>();

process.on('message', (instruction: Instruction) => {
  switch (instruction.kind) {
    case 'begin':
      return void begin(instruction).catch(fail);
    case 'work':
      return void work(instruction.reachedAt).catch(fail);
    case 'count':
      return void count(instruction.id);
    case 'counted':
      waiting.get(instruction.id)?.(instruction.text);
      return void waiting.delete(instruction.id);
    case 'stop':
      return void stop();
  }
});
// A terminal sends its Ctrl-C to every process; when to stop, and in which order, is the supervisor's to say.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => void stop());

say({ kind: 'here' });

async function begin({ name, role, config, reachedAt }: Begin): Promise<void> {
  process.title = `suanpan ${name}`;
  const { Program, bringUpToDate } = await reading;
  const isFirst = role === 'worker' && reachedAt === undefined;
  if (isFirst) await bringUpToDate(config);
  const created = (program = await Program.create(config));
  created.metrics.isOneOfSeveral(name, countAll);
  if (isFirst) {
    await created.setUp();
    return say({ kind: 'prepared' });
  }
  if (reachedAt !== undefined) created.reachedAt(reachedAt);
  if (role === 'api') return say({ kind: 'ready', url: await created.serve() });
  return work(reachedAt);
}

async function work(reachedAt: string | undefined): Promise<void> {
  if (reachedAt !== undefined) program?.reachedAt(reachedAt);
  await program?.work();
  say({ kind: 'ready' });
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await program?.stop().catch(() => undefined);
  process.exit(0);
}

async function count(id: number): Promise<void> {
  say({ kind: 'figures', id, figures: (await program?.metrics.figures()) ?? [] });
}

function countAll(): Promise<string> {
  const id = (asked += 1);
  return new Promise((counted) => {
    waiting.set(id, counted);
    say({ kind: 'count_all', id });
  });
}

function fail(error: unknown): void {
  say({ kind: 'failed', reason: startProblem(error) }, () => process.exit(1));
}

function say(word: Word, then: () => void = () => undefined): void {
  process.send?.(word, then);
}
