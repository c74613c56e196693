import { parseArgs } from 'node:util';

import { UsageError } from './failures.js';

export const USAGE = `Attacks the running program, and looks that nothing comes of it.

  npm run security [-- --only TEXT]

--only       the attacks whose family, name or reference has this in it; may be given several times
--processes  how many processes answer the API (1 to 8; default 2, so that races cross processes)
--list       names the attacks and makes none
--log FILE   keeps what the program said

The program is started as npm start does, with a PostgreSQL and a simulator of its own, in a folder of
its own that is deleted afterwards. Nothing is needed but npm ci.

Exit code: 0 every attack failed, 1 one succeeded, 2 the corpus could not be run.
docs/security-tests.md says how to read it.
`;

export interface Settings {
  readonly only: readonly string[];
  readonly processes: number;
  readonly list: boolean;
  readonly log: string | undefined;
  readonly path: string;
}

const OPTIONS = {
  only: { type: 'string', multiple: true },
  processes: { type: 'string' },
  list: { type: 'boolean' },
  log: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** The settings, each checked, or `help`. Throws `UsageError`. */
export function readSettings(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Settings | 'help' {
  const values = parsed(args);
  if (values.help) return 'help';
  const processes = Number(values.processes ?? 2);
  if (!Number.isInteger(processes) || processes < 1 || processes > 8)
    throw new UsageError('--processes: must be a whole number from 1 to 8');
  return { only: values.only ?? [], processes, list: values.list ?? false, log: values.log, path: env.PATH ?? '' };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split(/\.\s|\n/)[0] ?? '');
  }
}
