import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Child } from './child.js';

const PROGRAM = fileURLToPath(new URL('../../simulator/main.js', import.meta.url));
const READY = /^simulator ready (\S+)$/m;
const SETTINGS = /^((?:ALIPAY|WECHATPAY|UNIONPAY)_[A-Z0-9_]+)=(.*)$/gm;

/** The gateways, as a program of its own, with the settings by which a merchant's backend reaches them. */
export interface RunningSimulator {
  readonly child: Child;
  readonly url: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** On a free port, its keys and books below `folder`. Throws `BenchFailed` where it does not start. */
export async function startSimulator(folder: string): Promise<RunningSimulator> {
  const child = Child.start('the simulator', [PROGRAM], {
    cwd: folder,
    log: join(folder, 'simulator.log'),
    env: { SIMULATOR_PORT: '0', SIMULATOR_DATA_DIR: join(folder, 'simulator') },
  });
  const said = await child.says(READY);
  const settings = Object.fromEntries([...said.matchAll(SETTINGS)].map(([, name = '', value = '']) => [name, value]));
  return { child, url: READY.exec(said)?.[1] ?? '', settings };
}
