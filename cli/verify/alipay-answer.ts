import { rawMembers, stringOf } from '../../src/payment/gateway/alipay/envelope.js';
import { isByOneOf } from '../../src/payment/gateway/alipay/signing.js';
import { changedBodies } from '../diagnosis/changed-body.js';
import { fromGbk } from '../diagnosis/gbk.js';
import { likeliestCause } from '../diagnosis/likeliest-cause.js';
import type { Suspects } from '../diagnosis/suspects.js';
import type { Failure, Finding } from '../output/finding.js';
import { mixedUp, wrongKey, type AlipayKeys } from './alipay-keys.js';

const NOT_SIGNED = new Set(['sign', 'alipay_cert_sn']);

type Members = ReadonlyMap<string, string>;

/** The signature of an answer of `gateway.do`, which is over the raw text of one member. */
export async function verifyAnswer(body: Buffer, keys: AlipayKeys, wanted: string | undefined): Promise<Finding> {
  const finding = { gateway: 'alipay', readAs: 'an answer of gateway.do', remarks: [] } as const;
  const members = rawMembers(body);
  if (members === undefined) return { ...finding, verified: false, ...unreadable(body) };
  const node = nodeOf(members, wanted);
  if (typeof node === 'object') return { ...finding, verified: false, ...node };
  const raw = members.get(node) ?? '';
  const content = Buffer.from(raw);
  const signature = stringOf(members.get('sign')) ?? '';
  const read = { ...finding, readAs: `an answer of gateway.do, of which ${node} is signed`, content };
  for (const { key, title } of keys.keys) {
    if (signature !== '' && (await isByOneOf([key], raw, signature))) return { ...read, verified: true, key: title };
  }
  return { ...read, verified: false, reason: 'signature', ...mismatch(signature, content, body, members, keys) };
}

/** The name of the member that is signed, or why it cannot be told. */
function nodeOf(members: Members, wanted: string | undefined): string | Failure {
  const reason = 'malformed';
  if (wanted !== undefined) return members.has(wanted) ? wanted : { reason, detail: `the answer has no member ${wanted}` };
  const objects = [...members].filter(([name, raw]) => raw.startsWith('{') && !NOT_SIGNED.has(name)).map(([name]) => name);
  const [node, ...others] = objects;
  if (node === undefined) return { reason, detail: 'the answer has no member that is an object, such as alipay_trade_query_response' };
  if (others.length > 0) return { reason, detail: 'the answer has several members that may be signed: name one with --node' };
  return node;
}

function unreadable(body: Buffer): Failure {
  const detail = 'the answer is no JSON object in UTF-8, or has a member twice';
  const inGbk = !Buffer.from(body.toString('utf8')).equals(body) && fromGbk(body)?.trimStart().startsWith('{');
  return { reason: 'malformed', detail, ...(inGbk && { cause: 'the charset: the answer is in GBK; send charset=utf-8 in the request' }) };
}

function mismatch(signature: string, content: Buffer, body: Buffer, members: Members, keys: AlipayKeys): Failure {
  if (signature === '') {
    const cause =
      'Alipay does not sign some errors, such as an unknown app_id: such an answer proves nothing, and a success without sign is none';
    return { detail: 'sign is missing', cause };
  }
  const cause = likeliestCause({
    signature,
    content,
    keys: keys.keys.map(({ key }) => key),
    ...mixedUp(keys),
    wrongKey: wrongKey(stringOf(members.get('alipay_cert_sn')), keys),
    suspects: suspects(content, body, members),
  });
  return { detail: 'the signature does not fit', cause };
}

function* suspects(content: Buffer, body: Buffer, members: Members): Suspects {
  yield* changedBodies(content);
  const unescaped = content.toString('utf8').replaceAll('\\/', '/');
  yield { cause: 'the escaped slashes (\\/) were written as / on the way, or the other way round', content: Buffer.from(unescaped) };
  yield { cause: 'the signature is over the whole body, and not over one member', content: body };
  for (const [name, raw] of members) yield { cause: `the signature is over ${name}`, content: Buffer.from(raw) };
}
