import { ConfigError } from './config.js';
import { DataDirUnusable } from './platform/database/embedded-postgres.js';
import { scrub } from './platform/secrets/scrub.js';
import { CannotGoOn } from './processes/supervisor.js';

/** Why the program does not start: one line where a setting is at fault, the whole story where we are. */
export function startProblem(error: unknown): string {
  if (error instanceof ConfigError || error instanceof CannotGoOn) return error.message;
  if (error instanceof DataDirUnusable) return `DATA_DIR: ${error.message}`;
  return scrub(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
