import { randomBytes } from 'node:crypto';
import type { ForgeryKind } from '../gateway.js';
import type { Stranger } from '../stranger.js';
import type { PlatformKey } from './platform-keys.js';
import { signatureHeaders } from './signature-headers.js';

/** A key of 32 characters that is not the merchant's. */
export const OTHER_API_KEY = 'AnotherMerchantsApiV3Key00000000';

const TOO_OLD_MS = 600_000;

type Headers = Readonly<Record<string, string>>;

/** What a forger works from: the body, and what WeChat Pay would sign it with. */
interface Original {
  readonly body: string;
  readonly key: PlatformKey;
  readonly now: Date;
  readonly stranger: Stranger;
}

const rightly = ({ body, key, now }: Original): Headers => signatureHeaders(body, key, now);

/** The forgeries that mean something to WeChat Pay's notices, each as the headers that come of it. */
const FORGERIES: Partial<Record<ForgeryKind, (original: Original) => Headers | Promise<Headers>>> = {
  other_key: async (original) => {
    const privateKey = await original.stranger.privateKey();
    return rightly({ ...original, key: { ...original.key, privateKey } });
  },
  no_signature: (original) => Object.fromEntries(Object.entries(rightly(original)).filter(([name]) => name !== 'Wechatpay-Signature')),
  empty_signature: (original) => ({ ...rightly(original), 'Wechatpay-Signature': '' }),
  sign_type: (original) => ({ ...rightly(original), 'Wechatpay-Signature-Type': 'WECHATPAY2-SM2-WITH-SM3' }),
  expired_timestamp: (original) => rightly({ ...original, now: new Date(original.now.getTime() - TOO_OLD_MS) }),
  unknown_serial: (original) => rightly({ ...original, key: { ...original.key, serial: randomBytes(20).toString('hex').toUpperCase() } }),
  // WeChat Pay itself sends these now and then, to see whether a merchant verifies. Source: docs 4013053249.
  signtest: (original) => ({ ...rightly(original), 'Wechatpay-Signature': `WECHATPAY/SIGNTEST/${randomBytes(96).toString('base64')}` }),
  // What is signed was encrypted for another merchant.
  other_api_key: rightly,
};

export const WECHATPAY_FORGERIES: ReadonlySet<ForgeryKind> = new Set(Object.keys(FORGERIES) as ForgeryKind[]);

/** A notice's headers as a forger would have them, or, for null, as they should be. */
export async function headersBy(forge: ForgeryKind | null, original: Original): Promise<Headers> {
  return (forge === null ? rightly : (FORGERIES[forge] ?? rightly))(original);
}
