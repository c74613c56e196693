import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { UsageError } from './failures.js';

export const SCENARIO_NAMES = [
  'order',
  'order-hot',
  'order-rush',
  'order-soldout',
  'notice',
  'paid-order',
  'refund',
  'mixed',
  'latency',
  'overload',
  'memory',
  'growth',
] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

/** What takes too long to be a part of all. */
const BY_NAME_ONLY: readonly ScenarioName[] = ['memory', 'growth'];

export const CONTENDERS = ['suanpan', 'bare', 'pgbench'] as const;
export type ContenderName = (typeof CONTENDERS)[number];

/** What one run measures, and how. */
export interface Settings {
  readonly scenarios: readonly ScenarioName[];
  readonly seconds: number;
  readonly warmUp: number;
  readonly rounds: number;
  readonly connections: number;
  /** Undefined: the program as shipped, the bare server at its best. */
  readonly processes: number | undefined;
  readonly only: readonly ContenderName[];
  readonly databaseUrl: string | undefined;
  /** With which the secrets of a filled database are sealed; undefined where that is the development key of `dataDir`. */
  readonly secretsKey: string | undefined;
  readonly dataDir: string;
  readonly out: string;
  readonly writeDocs: boolean;
  readonly pgbench: string | undefined;
  /** Where programs are looked for. */
  readonly path: string;
}

const OPTIONS = {
  scenario: { type: 'string' },
  seconds: { type: 'string' },
  'warm-up': { type: 'string' },
  rounds: { type: 'string' },
  connections: { type: 'string' },
  processes: { type: 'string' },
  only: { type: 'string' },
  'database-url': { type: 'string' },
  out: { type: 'string' },
  'write-docs': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings, each checked, or `help`. Throws `UsageError`. */
export function readSettings(args: readonly string[], env: Environment): Settings | 'help' {
  const values = parsed(args);
  if (values.help) return 'help';
  const dataDir = env.DATA_DIR || '.data';
  const seconds = number(values, 'seconds', 8, 0.5, 3600);
  return {
    scenarios: scenarios(values.scenario ?? 'order'),
    seconds,
    // A short run needs no long one before it.
    warmUp: number(values, 'warm-up', Math.min(3, seconds / 2), 0, 600),
    rounds: whole(values, 'rounds', 5, 1, 100),
    connections: whole(values, 'connections', 64, 1, 2000),
    processes: values.processes === undefined ? undefined : whole(values, 'processes', 1, 1, 64),
    only: contenders(values.only),
    databaseUrl: databaseUrl(values['database-url']),
    secretsKey: env.SECRETS_KEY || undefined,
    dataDir,
    out: values.out ?? join(dataDir, 'bench'),
    writeDocs: values['write-docs'] ?? false,
    pgbench: env.PGBENCH || undefined,
    path: env.PATH ?? '',
  };
}

type Values = ReturnType<typeof parsed>;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const [first = ''] = (error as Error).message.split(/\.\s|\n/);
    throw new UsageError(first);
  }
}

function number(values: Values, name: 'seconds' | 'warm-up', otherwise: number, least: number, most: number): number {
  const text = values[name];
  if (text === undefined) return otherwise;
  const value = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw new UsageError(`--${name}: must be a number from ${least} to ${most}`);
  return value;
}

function whole(values: Values, name: 'rounds' | 'connections' | 'processes', otherwise: number, least: number, most: number): number {
  const text = values[name];
  if (text === undefined) return otherwise;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw new UsageError(`--${name}: must be a whole number from ${least} to ${most}`);
  return value;
}

function scenarios(text: string): readonly ScenarioName[] {
  if (text === 'all') return SCENARIO_NAMES.filter((name) => !BY_NAME_ONLY.includes(name));
  const names = text.split(',');
  const unknown = names.find((name) => !SCENARIO_NAMES.some((known) => known === name));
  if (unknown !== undefined) throw new UsageError(`--scenario: there is no ${unknown}; there is: ${SCENARIO_NAMES.join(', ')}, all`);
  return SCENARIO_NAMES.filter((known) => names.includes(known));
}

function contenders(text: string | undefined): readonly ContenderName[] {
  if (text === undefined) return CONTENDERS;
  const names = text.split(',');
  const unknown = names.find((name) => !CONTENDERS.some((known) => known === name));
  if (unknown !== undefined) throw new UsageError(`--only: there is no ${unknown}; there is: ${CONTENDERS.join(', ')}`);
  return CONTENDERS.filter((known) => names.includes(known));
}

// The value itself is not repeated: a database's address carries its password.
function databaseUrl(text: string | undefined): string | undefined {
  if (text !== undefined && !(URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol))) {
    throw new UsageError('--database-url: must be an address that begins with postgres://');
  }
  return text;
}
