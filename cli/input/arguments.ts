import { parseArgs, type ParseArgsConfig } from 'node:util';

import { UsageError } from '../usage-error.js';

/** The options of a command as `node:util` wants them described. */
export type Options = NonNullable<ParseArgsConfig['options']>;

/** A text where an option takes one, all of them where it may be repeated, and true where it takes none. */
export type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export const TEXT = { type: 'string' } as const;
export const TEXTS = { type: 'string', multiple: true } as const;
export const FLAG = { type: 'boolean' } as const;

/** The options among the arguments. Throws `UsageError`. */
export function parseOptions(args: readonly string[], options: Options): Values {
  const { values, tokens } = parsed(args, options);
  const given = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
  const twice = given.find((name, at) => given.indexOf(name) !== at && options[name]?.multiple !== true);
  if (twice !== undefined) throw new UsageError(`--${twice} is given twice`);
  return values as Values;
}

/** The value of an option that takes one text, or undefined. */
export function text(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** The values of an option that may be repeated. */
export function texts(values: Values, name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

export function flag(values: Values, name: string): boolean {
  return values[name] === true;
}

function parsed(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false, tokens: true });
  } catch (error) {
    // Node's advice goes on after the first sentence about `--`, which helps nobody here.
    const [first = ''] = (error as Error).message.split(/\.\s|\n/);
    throw new UsageError(first);
  }
}
