import { FLAG, flag, parseOptions, TEXT, text, TEXTS, type Options, type Values } from '../input/arguments.js';
import { Files } from '../input/files.js';
import { gatewayNamed } from '../input/gateway.js';
import { parseHeaders } from '../input/headers.js';
import { parseInstant } from '../input/instants.js';
import type { Finding } from '../output/finding.js';
import { findingAsJson, printFinding } from '../output/print-finding.js';
import { UsageError } from '../usage-error.js';
import type { World } from '../world.js';
import { verifyAlipay } from './alipay.js';
import { alipayKeys, unionpayAnchors, wechatpayKeys, type Given } from './given-keys.js';
import type { Message } from './message.js';
import { verifyUnionpay } from './unionpay.js';
import { verifyString, verifyWechatpay } from './wechatpay.js';

const COMMON = { headers: TEXT, body: TEXT, key: TEXTS, at: TEXT, answer: FLAG, json: FLAG } as const;

const OPTIONS: Readonly<Record<string, Options>> = {
  alipay: { ...COMMON, node: TEXT, 'keep-sign-type': FLAG },
  wechatpay: { ...COMMON, 'api-v3-key': TEXT, string: TEXT },
  unionpay: { ...COMMON, root: TEXT, middle: TEXT, 'test-environment': FLAG },
};

/** `suanpan verify-callback`: prints what it found, and answers whether the message is genuine. Throws `UsageError`. */
export async function verifyCallback(name: string, args: readonly string[], world: World): Promise<boolean> {
  const gateway = gatewayNamed(name);
  const values = parseOptions(args, OPTIONS[gateway] ?? COMMON);
  const given: Given = { values, files: new Files(world), world };
  const verify = { alipay: verifierOfAlipay, wechatpay: verifierOfWechatpay, unionpay: verifierOfUnionpay }[gateway](given);
  const finding = await withNothingAround(messageOf(given), verify);
  world.out(flag(values, 'json') ? findingAsJson(finding) : printFinding(finding));
  return finding.verified;
}

type Verifier = (message: Message) => Promise<Finding>;

function verifierOfAlipay(given: Given): Verifier {
  const keys = alipayKeys(given);
  const wishes = { node: text(given.values, 'node'), keepSignType: flag(given.values, 'keep-sign-type') };
  return (message) => verifyAlipay(message, keys, wishes);
}

function verifierOfWechatpay(given: Given): Verifier {
  if (text(given.values, 'headers') === undefined) throw new UsageError('--headers is missing: WeChat Pay puts the signature there');
  const keys = wechatpayKeys(given);
  return (message) => (text(given.values, 'string') === undefined ? verifyWechatpay(message, keys) : verifyString(message, keys));
}

function verifierOfUnionpay(given: Given): Verifier {
  const anchors = unionpayAnchors(given);
  return (message) => verifyUnionpay(message, anchors);
}

function messageOf({ values, files, world }: Given): Message {
  const headers = text(values, 'headers');
  const at = text(values, 'at');
  return {
    headers: headers === undefined ? undefined : parseHeaders(files.bytes('--headers', headers)),
    body: bodyOf(values, files),
    at: at === undefined ? world.now() : parseInstant(at),
    isAnswer: flag(values, 'answer'),
  };
}

function bodyOf(values: Values, files: Files): Buffer {
  const body = text(values, 'body');
  const string = text(values, 'string');
  if (body !== undefined && string !== undefined) throw new UsageError('--body and --string are not given both: the one makes the other');
  if (string !== undefined) return files.bytes('--string', string);
  if (body === undefined) throw new UsageError('--body is missing: the file with the body as it came, or - for the standard input');
  return files.bytes('--body', body);
}

/** What editors, shells and whoever copies by hand put around a body, each with how it is taken away again. */
const AROUND: readonly (readonly [cause: string, pattern: RegExp])[] = [
  [
    'the file ends with a line break that does not belong to the body, and without it the signature fits (write it with printf, not echo)',
    /\r?\n$/,
  ],
  ['the file begins with a byte order mark, which an editor put there, and without it the signature fits', /^\xef\xbb\xbf/],
  ['the body ends with an & after which nothing comes, and without it the signature fits', /&$/],
];

/** What is around the body counts, and where it is all that is wrong, that is said. */
async function withNothingAround(message: Message, verify: Verifier): Promise<Finding> {
  const finding = await verify(message);
  if (finding.verified) return finding;
  const bytes = message.body.toString('latin1');
  for (const [cause, pattern] of AROUND) {
    const body = Buffer.from(bytes.replace(pattern, ''), 'latin1');
    if (body.length < message.body.length && (await verify({ ...message, body })).verified) return { ...finding, cause };
  }
  return finding;
}
