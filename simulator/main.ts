import { resolve } from 'node:path';
import { ALIPAY_FOLDER, CERTIFICATE_MODE_FOLDER } from './alipay/keys.js';
import { keyFile } from './key-folder.js';
import { UNIONPAY_FOLDER } from './keys.js';
import { createSimulator, type Simulator } from './server.js';
import { InvalidSetting, readSettings, type Settings } from './settings.js';
import { WECHATPAY_FOLDER } from './wechatpay/keys.js';

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

function introduction(simulator: Simulator, { dataDir }: Settings): string {
  const { url, alipay } = simulator;
  const folder = resolve(dataDir);
  const settings = Object.entries({
    ...alipaySettings(simulator, folder),
    ...wechatpaySettings(simulator, folder),
    ...unionpaySettings(simulator, folder),
  });
  return `
Gateway simulator (for development only: anyone who reaches it can control it)
  Payer's page   ${url}/
  Scan a code    ${url}/scan
  Log            ${url}/log
  Keys and books ${folder}
  Alipay's app with certificates is ${alipay.certificateMode.appId}: its files are in ${resolve(folder, CERTIFICATE_MODE_FOLDER.folder)}

Settings for a merchant's backend:
${settings.map(([name, value]) => `${name}=${value}\n`).join('')}
`;
}

function alipaySettings({ alipay }: Simulator, folder: string): Record<string, string> {
  return {
    ALIPAY_GATEWAY_URL: alipay.gatewayUrl,
    ALIPAY_APP_ID: alipay.appId,
    ALIPAY_SELLER_ID: alipay.sellerId,
    ALIPAY_PRIVATE_KEY_FILE: keyFile(folder, ALIPAY_FOLDER, 'appPrivateKey'),
    ALIPAY_PUBLIC_KEY_FILE: keyFile(folder, ALIPAY_FOLDER, 'alipayPublicKey'),
  };
}

function wechatpaySettings({ wechatpay }: Simulator, folder: string): Record<string, string> {
  return {
    WECHATPAY_BASE_URL: wechatpay.baseUrl,
    WECHATPAY_MCH_ID: wechatpay.mchId,
    WECHATPAY_APP_ID: wechatpay.appId,
    WECHATPAY_SERIAL_NO: wechatpay.serialNo,
    WECHATPAY_PRIVATE_KEY_FILE: keyFile(folder, WECHATPAY_FOLDER, 'merchantPrivateKey'),
    WECHATPAY_API_V3_KEY: wechatpay.apiV3Key,
    WECHATPAY_PUBLIC_KEY_ID: wechatpay.publicKeyId,
    WECHATPAY_PUBLIC_KEY_FILE: keyFile(folder, WECHATPAY_FOLDER, 'publicKey'),
  };
}

function unionpaySettings({ unionpay }: Simulator, folder: string): Record<string, string> {
  return {
    UNIONPAY_GATEWAY_URL: unionpay.gatewayUrl,
    UNIONPAY_MER_ID: unionpay.merId,
    UNIONPAY_CERT_FILE: keyFile(folder, UNIONPAY_FOLDER, 'merchantCertificate'),
    UNIONPAY_ROOT_CERT_FILE: keyFile(folder, UNIONPAY_FOLDER, 'rootCertificate'),
    UNIONPAY_MIDDLE_CERT_FILE: keyFile(folder, UNIONPAY_FOLDER, 'middleCertificate'),
  };
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
