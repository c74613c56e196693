import { parseArgs } from 'node:util';

import { UsageError } from '../failures.js';

export interface Options {
  /** Rounds of buyers who come at once. */
  readonly rounds: number;
  readonly buyers: number;
  /** Notices, each handed over 1 to 15 times. */
  readonly callbacks: number;
  readonly seed: number;
  readonly databaseUrl: string | undefined;
}

export const USAGE = `usage: npm run races -- [options]

Starts two copies of the program on one PostgreSQL, and has both asked at once: buyers for the last units, gateways with the same notices.
What was sold and applied is counted afterwards, in the database.

  --rounds N          rounds of buyers (default: 1000)
  --buyers N          buyers in each, all of whom come in the same instant (default: 200)
  --callbacks N       notices, each handed over 1 to 15 times, shuffled (default: 50000)
  --seed S            where the rounds and the order of the notices are drawn from (default: another one each time)
  --database-url URL  another PostgreSQL, as a user that may create databases (default: an embedded one)
  --help              this text
`;

const NAMES = ['rounds', 'buyers', 'callbacks', 'seed', 'database-url'] as const;

/** Throws `UsageError`. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const values = parsed(args);
  if (values.help === true) return 'help';
  const whole = (name: (typeof NAMES)[number], otherwise: number, least: number, most: number): number => {
    const text = values[name];
    if (typeof text !== 'string') return otherwise;
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) throw new UsageError(`--${name}: must be a whole number from ${least} to ${most}`);
    return value;
  };
  const databaseUrl = values['database-url'];
  return {
    rounds: whole('rounds', 1_000, 0, 100_000),
    buyers: whole('buyers', 200, 2, 2_000),
    callbacks: whole('callbacks', 50_000, 0, 1_000_000),
    seed: whole('seed', Math.floor(Math.random() * 2 ** 31), 0, 2 ** 31),
    databaseUrl: typeof databaseUrl === 'string' ? databaseUrl : undefined,
  };
}

function parsed(args: readonly string[]): Record<string, unknown> {
  const texts = Object.fromEntries(NAMES.map((name) => [name, { type: 'string' as const }]));
  try {
    return parseArgs({ args: [...args], options: { ...texts, help: { type: 'boolean', short: 'h' } }, allowPositionals: false }).values;
  } catch (error) {
    const [first = ''] = (error as Error).message.split(/\.\s|\n/);
    throw new UsageError(first);
  }
}
