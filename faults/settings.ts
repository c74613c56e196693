import { parseArgs } from 'node:util';

import { UsageError } from './failures.js';
import { KINDS } from './kinds/index.js';
import type { Kind } from './kinds/kind.js';
import { SABOTAGES, type Sabotage } from './sabotage/sabotage.js';

export interface Settings {
  readonly seed: number;
  readonly minutes: number;
  readonly kinds: readonly Kind[];
  /** How many customers are in the shop at a time. */
  readonly buyers: number;
  /** What is done to the database on purpose, for the harness to find. */
  readonly sabotage: Sabotage | undefined;
  /** Recovery may take so many times its bound: for machines that have something else to do. */
  readonly patience: number;
  readonly dataDir: string;
}

const OPTIONS = {
  seed: { type: 'string' },
  minutes: { type: 'string' },
  only: { type: 'string' },
  buyers: { type: 'string' },
  sabotage: { type: 'string' },
  patience: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings, each checked, or `help`. Throws `UsageError`. `fresh` is the seed where none is given. */
export function readSettings(args: readonly string[], env: Environment, fresh: number): Settings | 'help' {
  const values = parsed(args);
  if (values.help) return 'help';
  return {
    seed: number('seed', values.seed, fresh, 0, 2 ** 32 - 1, /^\d{1,10}$/),
    minutes: number('minutes', values.minutes, 2, 0.1, 24 * 60),
    kinds: kindsOf(values.only),
    buyers: number('buyers', values.buyers, 32, 1, 1_000, /^\d{1,4}$/),
    sabotage: sabotageOf(values.sabotage),
    patience: number('patience', values.patience, 1, 1, 100),
    dataDir: env.DATA_DIR || '.data',
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const [first = ''] = (error as Error).message.split(/\.\s|\n/);
    throw new UsageError(first);
  }
}

function number(
  name: string,
  text: string | undefined,
  otherwise: number,
  least: number,
  most: number,
  form = /^\d{1,6}(\.\d{1,3})?$/,
): number {
  if (text === undefined) return otherwise;
  const value = form.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw new UsageError(`--${name}: must be a number from ${least} to ${most}`);
  return value;
}

function kindsOf(text: string | undefined): readonly Kind[] {
  if (text === undefined) return KINDS.filter(({ isRare = false }) => !isRare);
  const names = text.split(',');
  const unknown = names.find((name) => !KINDS.some((kind) => kind.name === name));
  if (unknown !== undefined) throw new UsageError(`--only: there is no ${unknown}; there is: ${KINDS.map(({ name }) => name).join(', ')}`);
  return KINDS.filter(({ name }) => names.includes(name));
}

function sabotageOf(text: string | undefined): Sabotage | undefined {
  if (text === undefined) return undefined;
  const found = SABOTAGES.find(({ name }) => name === text);
  if (found === undefined)
    throw new UsageError(`--sabotage: there is no ${text}; there is: ${SABOTAGES.map(({ name }) => name).join(', ')}`);
  return found;
}
