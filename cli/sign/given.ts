import { text, type Values } from '../input/arguments.js';
import type { Files } from '../input/files.js';
import { textObject } from '../input/text-fields.js';
import { UsageError } from '../usage-error.js';
import type { World } from '../world.js';

/** What stands on the command line, and where the rest is found. */
export interface Given {
  readonly values: Values;
  readonly files: Files;
  readonly world: World;
}

/** The value of an option that must be there. Throws `UsageError`, as all that follow. */
export function needed({ values }: Pick<Given, 'values'>, name: string, why: string): string {
  const value = text(values, name);
  if (value === undefined) throw new UsageError(`--${name} is missing: ${why}`);
  return value;
}

/** Options that say nothing beside another one are a mistake, and not to be passed over in silence. */
export function refuse({ values }: Pick<Given, 'values'>, names: readonly string[], beside: string): void {
  const stray = names.find((name) => values[name] !== undefined);
  if (stray !== undefined) throw new UsageError(`--${stray} says nothing beside ${beside}`);
}

/** The fields in the file of `--params`. */
export function paramsOf(given: Given): ReadonlyMap<string, string> {
  const name = needed(given, 'params', 'a JSON object of texts');
  const fields = textObject(given.files.bytes('--params', name).toString('utf8'));
  if (typeof fields === 'string') throw new UsageError(`--params: ${name} ${fields}`);
  return fields;
}

/** The body in the file of `--body`, which is empty where there is none. It is text: what is signed is UTF-8. */
export function bodyOf({ values, files }: Given): string {
  const name = text(values, 'body');
  if (name === undefined) return '';
  const bytes = files.bytes('--body', name);
  const body = bytes.toString('utf8');
  if (!Buffer.from(body).equals(bytes)) throw new UsageError(`--body: ${name} is not in UTF-8`);
  return body;
}

/** Path and query of an address that may be whole. */
export function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/?#]*/, '').replace(/#.*$/s, '') || '/';
}
