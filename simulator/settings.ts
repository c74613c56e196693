import { isIP } from 'node:net';

/** What `node dist/simulator/main.js` reads from its environment. No other file of the simulator looks there. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly exitWithParent: boolean;
}

/** A setting that cannot be used. The message names the setting first, and is the one line that the program prints. */
export class InvalidSetting extends Error {
  constructor(setting: string, problem: string) {
    super(`${setting}: ${problem}`);
  }
}

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    port: port(present(env.SIMULATOR_PORT) ?? '4000'),
    host: host(present(env.SIMULATOR_HOST) ?? '127.0.0.1'),
    dataDir: present(env.SIMULATOR_DATA_DIR) ?? '.data/simulator',
    exitWithParent: flag('SIMULATOR_EXIT_WITH_PARENT', env.SIMULATOR_EXIT_WITH_PARENT),
  };
}

/** An empty setting is an absent one: `SIMULATOR_PORT= npm run simulator` is how a shell takes a setting back. */
function present(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw new InvalidSetting('SIMULATOR_PORT', `must be a port from 0 (any free one) to 65535, not ${JSON.stringify(text)}`);
  }
  return Number(text);
}

function host(text: string): string {
  if (isIP(text) === 0 && !/^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$/.test(text)) {
    throw new InvalidSetting('SIMULATOR_HOST', `must be an IP address or a host name, not ${JSON.stringify(text)}`);
  }
  return text;
}

function flag(setting: string, value: string | undefined): boolean {
  const text = present(value);
  if (text === undefined || text === '0') return false;
  if (text === '1') return true;
  throw new InvalidSetting(setting, `must be 1 or 0, not ${JSON.stringify(text)}`);
}
