import { createHash } from 'node:crypto';
import type { QueryConfig } from 'pg';

import { assert } from '../../kernel/assert.js';

const names = new Map<string, string>();

/** SQL as a prepared statement, which a connection plans once. The text must be a constant, for each is kept for good. */
export function prepared(sql: string, parameters: unknown[]): QueryConfig {
  let name = names.get(sql);
  if (name === undefined) names.set(sql, (name = createHash('sha1').update(sql).digest('base64url')));
  return { name, text: sql, values: parameters.map((value) => (Array.isArray(value) ? arrayLiteral(value) : value)) };
}

/** A list as the text of a PostgreSQL array. The driver's own goes through each element twice to find what must be escaped. */
function arrayLiteral(list: readonly unknown[]): string {
  let text = '{';
  for (const value of list) text += text === '{' ? elementOf(value) : `,${elementOf(value)}`;
  return `${text}}`;
}

function elementOf(value: unknown): string {
  if (typeof value === 'string') return value.includes('"') || value.includes('\\') ? `"${value.replace(/["\\]/g, '\\$&')}"` : `"${value}"`;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return 'NULL';
  if (value instanceof Uint8Array) return `"\\\\x${Buffer.from(value).toString('hex')}"`;
  assert(value instanceof Date, 'an array for the database has texts, numbers, truths, times or bytes');
  return `"${value.toISOString()}"`;
}
