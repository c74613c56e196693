import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { SettingProblem, type AccountForm, type SettingFields } from '../../src/payment/gateway/settings.js';
import { UsageError } from '../usage-error.js';
import type { World } from '../world.js';

/** What the environment says of an account at a gateway, which need not be all of it: only what is asked for is checked. */
export class EnvironmentAccount {
  readonly fields: SettingFields;

  constructor(
    private readonly form: Pick<AccountForm<unknown>, 'fields'>,
    { env, folder }: Pick<World, 'env' | 'folder'>,
    wanted: readonly string[],
  ) {
    const fields = form.fields.filter(({ name }) => wanted.includes(name));
    this.fields = Object.fromEntries(fields.map(({ name, setting }) => [name, valueOf(env, folder, setting)]));
  }

  has(...names: readonly string[]): boolean {
    return names.every((name) => (this.fields[name] ?? '').trim() !== '');
  }

  /** How the environment names a field. */
  setting(name: string): string {
    return this.form.fields.find((field) => field.name === name)?.setting ?? name;
  }

  /** What a field's reader makes of it. Throws `UsageError`, in the environment's words. */
  read<Value>(reader: (fields: SettingFields, name: string) => Value, name: string): Value {
    try {
      return reader(this.fields, name);
    } catch (error) {
      if (!(error instanceof SettingProblem)) throw error;
      throw new UsageError(`${this.setting(error.field)}: ${error.problem}`);
    }
  }
}

function valueOf(env: World['env'], folder: string, setting: string): string | undefined {
  const value = env[setting]?.trim();
  if (value === undefined || value === '' || !setting.endsWith('_FILE')) return value;
  try {
    return readFileSync(resolve(folder, value), 'utf8');
  } catch (error) {
    throw new UsageError(`${setting}: ${value} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
}
