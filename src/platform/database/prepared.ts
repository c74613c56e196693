import { createHash } from 'node:crypto';
import type { QueryConfig } from 'pg';

const names = new Map<string, string>();

/** SQL as a prepared statement, which a connection plans once. The text must be a constant, for each is kept for good. */
export function prepared(sql: string, parameters: unknown[]): QueryConfig {
  let name = names.get(sql);
  if (name === undefined) names.set(sql, (name = createHash('sha1').update(sql).digest('base64url')));
  return { name, text: sql, values: parameters };
}
