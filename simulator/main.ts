import { resolve } from 'node:path';
import { ALIPAY_APP_ID, ALIPAY_SELLER_ID } from './alipay/context.js';
import { keyFile } from './alipay/keys.js';
import { createSimulator, type Simulator } from './server.js';
import { InvalidSetting, readSettings, type Settings } from './settings.js';

/** The program: `node dist/simulator/main.js`. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const simulator = await createSimulator(settings).catch((cause: unknown) => {
    throw asInvalidSetting(cause, settings);
  });
  stopWithUs(simulator, settings);
  process.stdout.write(introduction(simulator, settings));
  // Whoever started this program waits for this line, and may read the key files from then on.
  process.stdout.write(`simulator ready ${simulator.url}\n`);
}

function introduction({ url, alipay }: Simulator, { dataDir }: Settings): string {
  const folder = resolve(dataDir);
  return `
Gateway simulator (for development only: anyone who reaches it can control it)
  Payer's page   ${url}/
  Log            ${url}/log
  Keys and books ${folder}

Settings for a merchant's backend:
ALIPAY_GATEWAY_URL=${alipay.gatewayUrl}
ALIPAY_APP_ID=${ALIPAY_APP_ID}
ALIPAY_SELLER_ID=${ALIPAY_SELLER_ID}
ALIPAY_PRIVATE_KEY_FILE=${keyFile(folder, 'appPrivateKey')}
ALIPAY_PUBLIC_KEY_FILE=${keyFile(folder, 'alipayPublicKey')}

`;
}

function stopWithUs(simulator: Simulator, { exitWithParent }: Settings): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    simulator.close().then(
      () => process.exit(0),
      (cause: unknown) => fail(cause),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  if (!exitWithParent) return;
  // A parent that is killed cannot say goodbye, but the system closes its end of the pipe.
  process.stdin.on('end', stop).on('close', stop).on('error', stop).resume();
  // Nobody reads our output any more then, and complaining about that would only keep us from stopping.
  process.stdout.on('error', stop);
}

/** Trouble with a port or a folder is trouble with a setting, and its name is what the reader needs. */
function asInvalidSetting(cause: unknown, { port, host, dataDir }: Settings): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE') return new InvalidSetting('SIMULATOR_PORT', `port ${port} on ${host} is in use`);
  const syscall = cause instanceof Error && 'syscall' in cause ? cause.syscall : undefined;
  if (syscall === 'listen' && code === 'EACCES') return new InvalidSetting('SIMULATOR_PORT', `port ${port} may not be used by this user`);
  if (syscall === 'listen' || syscall === 'getaddrinfo')
    return new InvalidSetting('SIMULATOR_HOST', `${host} is no address of this machine`);
  if (!(cause instanceof Error)) return cause;
  return new InvalidSetting('SIMULATOR_DATA_DIR', `${resolve(dataDir)} cannot be used: ${cause.message}`);
}

function fail(cause: unknown): never {
  const line = cause instanceof InvalidSetting ? cause.message : cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

main().catch(fail);
