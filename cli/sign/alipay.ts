import { encode } from '../../src/payment/gateway/alipay/requests.js';
import { restAuthorization, restRequestContent, type RestRequest } from '../../src/payment/gateway/alipay/rest-signing.js';
import { requestContent } from '../../src/payment/gateway/alipay/signing.js';
import { changedBodies } from '../diagnosis/changed-body.js';
import { changedFields, joined } from '../diagnosis/changed-fields.js';
import type { Suspects } from '../diagnosis/suspects.js';
import { text } from '../input/arguments.js';
import { UsageError } from '../usage-error.js';
import { bodyOf, needed, paramsOf, pathOf, refuse, type Given } from './given.js';
import type { Signable } from './signable.js';

/** A request to `gateway.do`, or of version 3 where `--auth-string` is given. */
export function alipaySignable(given: Given): Signable {
  const isRest = text(given.values, 'auth-string') !== undefined;
  if (isRest) refuse(given, ['params'], '--auth-string');
  else refuse(given, ['method', 'url', 'body', 'app-auth-token'], '--params: a request of version 3 needs --auth-string');
  return isRest ? restRequest(given) : formRequest(paramsOf(given));
}

type Fields = ReadonlyMap<string, string>;

function formRequest(all: Fields): Signable {
  const fields = new Map([...all].filter(([name]) => name !== 'sign'));
  const content = Buffer.from(requestContent(fields));
  const empty = [...fields].filter(([, value]) => value === '').map(([name]) => name);
  return {
    gateway: 'alipay',
    what: 'a request to gateway.do',
    content,
    signed: content,
    more: {},
    remarks: [
      ...(empty.length > 0 ? [`left out, because empty: ${empty.join(', ')}. Do not send them either`] : []),
      ...(/^utf-?8$/i.test(fields.get('charset') ?? 'utf-8')
        ? []
        : ['charset is not utf-8, and the string was signed in UTF-8, as the program does']),
      ...(fields.get('sign_type') === 'RSA2' ? [] : ['sign_type is not RSA2, and the signature is']),
    ],
    complete: (sign) => Promise.resolve({ form: encode([...[...fields].filter(([, value]) => value !== ''), ['sign', sign]]) }),
    suspects: () => suspectsOfForm(fields),
  };
}

function* suspectsOfForm(fields: Fields): Suspects {
  const bytes = new Map([...fields].map(([name, value]) => [name, Buffer.from(value)] as const));
  const dropped = { without: ['sign'], empties: 'dropped', order: 'by name' } as const;
  yield {
    cause: 'sign_type was left out of it, as in a notice: in a request it is signed',
    content: joined(bytes, { ...dropped, without: ['sign', 'sign_type'] }),
  };
  yield { cause: 'empty fields were signed, which Alipay leaves out', content: joined(bytes, { ...dropped, empties: 'kept' }) };
  yield {
    cause: 'the order of fields: they were signed as they come, and not sorted by name',
    content: joined(bytes, { ...dropped, order: 'as they come' }),
  };
  const withType = new Map([...bytes, ['sign_type', Buffer.from('RSA2')]]);
  yield { cause: 'sign_type is missing here, and was signed: RSA2', content: joined(withType, dropped) };
  for (const { content } of changedBodies(bytes.get('biz_content') ?? Buffer.alloc(0))) {
    const cause = 'biz_content was written once for the signature and again for the request: the very text that is sent must be signed';
    yield { cause, content: joined(new Map([...bytes, ['biz_content', content]]), dropped) };
  }
  for (const changed of changedFields(bytes)) yield { cause: changed.cause, content: joined(changed.fields, dropped) };
}

function restRequest(given: Given): Signable {
  const authString = needed(given, 'auth-string', 'app_id=...,nonce=...,timestamp=...');
  const token = text(given.values, 'app-auth-token');
  const request: RestRequest = {
    method: methodOf(needed(given, 'method', 'GET or POST')),
    uri: pathOf(needed(given, 'url', 'the path with its query, such as /v3/alipay/trade/query')),
    body: bodyOf(given),
    ...(token !== undefined && { appAuthToken: token }),
  };
  const content = Buffer.from(restRequestContent(authString, request));
  return {
    gateway: 'alipay',
    what: 'a request of version 3',
    content,
    signed: content,
    more: {},
    remarks: [],
    complete: async (_, key) => ({ authorization: await restAuthorization(authString, request, key) }),
    suspects: () => suspectsOfRest(authString, request),
  };
}

function methodOf(method: string): RestRequest['method'] {
  if (method !== 'GET' && method !== 'POST') throw new UsageError('--method: must be GET or POST, in capitals');
  return method;
}

function* suspectsOfRest(authString: string, request: RestRequest): Suspects {
  const content = (changes: Partial<RestRequest>): Buffer => Buffer.from(restRequestContent(authString, { ...request, ...changes }));
  for (const { cause, content: body } of changedBodies(Buffer.from(request.body)))
    yield { cause, content: content({ body: body.toString('utf8') }) };
  yield { cause: 'the last line feed is missing from the string that was signed', content: content({}).subarray(0, -1) };
  yield { cause: 'the query was left out', content: content({ uri: request.uri.replace(/\?.*$/s, '') }) };
  yield { cause: 'the app_auth_token was left out', content: content({ appAuthToken: '' }) };
}
