// Mutants that no test can kill, because the program does the same with them. Each with the reason; one that is no longer there fails.
const NAMES_DIFFER = 'the names come out of a map, so no two of them are the same';
const SIGN_ALONE = 'a sort looks at the sign alone';
const SAME_STRING = 'without empty fields both strings are the same; to look first only saves the work';
const EMPTY_IS_NONE = 'a field that is empty counts for one that is missing';
const WITHIN = 'it never looks past the end';

const CLOSER_LOOK = 'pairs that are taken for each other, or all of them, cost a closer look, and change nothing that is found';

const sorting = {
  'if (left === right) return 0; | left === right -> false': NAMES_DIFFER,
  'if (left === right) return 0; | 0 -> undefined': NAMES_DIFFER,
  'if (left === right) return 0; | 0 -> (0 + 1)': NAMES_DIFFER,
  'return left < right ? -1 : 1; | left < right -> (left <= right)': NAMES_DIFFER,
  'return left < right ? -1 : 1; | 1 -> (1 + 1)': SIGN_ALONE,
};

export const EQUIVALENT = {
  'src/payment/gateway/alipay/signing.ts': {
    ...sorting,
    'const content = Buffer.allocUnsafe(signed.reduce((length, [name, value]) => length + Buffer.byteLength(name) + value.length + 2, 0)); | 2 -> (2 + 1)':
      'there is room for the same bytes, and for more',
    'const content = Buffer.allocUnsafe(signed.reduce((length, [name, value]) => length + Buffer.byteLength(name) + value.length + 2, 0)); | 0 -> (0 + 1)':
      'there is room for the same bytes, and for more',
  },
  'src/payment/gateway/alipay/notices.ts': {
    "const signature = form.text.get('sign') ?? ''; | form.text.get('sign') ?? '' -> (form.text.get('sign'))":
      'a form without a signature has been refused',
    'const hasEmpties = [...form.bytes.values()].some((value) => value.length === 0); | value.length === 0 -> true': SAME_STRING,
    'const hasEmpties = [...form.bytes.values()].some((value) => value.length === 0); | value.length === 0 -> (value.length !== 0)':
      SAME_STRING,
    "if (hasEmpties && (await isByOneOf(keys, noticeContent(form.bytes, 'kept'), signature))) return undefined; | hasEmpties && (await isByOneOf(keys, noticeContent(form.bytes, 'kept'), signature)) -> ((await isByOneOf(keys, noticeContent(form.bytes, 'kept'), signature)))":
      SAME_STRING,
    "const amount = fromYuan(field(form, 'total_amount') ?? ''); | field(form, 'total_amount') ?? '' -> (field(form, 'total_amount'))":
      'nothing is no amount either way',
  },
  'src/payment/gateway/alipay/certificates.ts': {
    "return code === undefined ? (character ?? '') : String.fromCharCode(Number.parseInt(code, 16)); | character ?? '' -> (character)":
      'where there is no code there is a character',
    'const first = der.at(at + 1) ?? 0; | der.at(at + 1) ?? 0 -> (der.at(at + 1))': WITHIN,
    'const first = der.at(at + 1) ?? 0; | 0 -> (0 + 1)': WITHIN,
    'const digits = first < 0x80 ? 0 : first & 0x7f; | first < 0x80 -> (first <= 0x80)': 'DER has no length of 0x80, which is none',
    'const digits = first < 0x80 ? 0 : first & 0x7f; | 0x80 -> (0x80 + 1)': 'DER has no length of 0x80, which is none',
  },
  'src/payment/gateway/alipay/envelope.ts': {
    "return raw?.startsWith('\"') === true ? (JSON.parse(raw) as string) : undefined; | startsWith -> endsWith":
      'a value that ends with a quote begins with one',
  },
  'src/payment/gateway/unionpay/verification.ts': {
    'if (third !== undefined && names.includes(third)) return undefined; | third !== undefined && names.includes(third) -> (names.includes(third))':
      'nothing is not among the names',
  },
  'src/payment/gateway/unionpay/signing.ts': sorting,
  'src/payment/gateway/form.ts': {
    'let filled = 0; | 0 -> (0 + 1)': 'there is room: the name and its equals sign are not among the values',
    "const HEX_DIGIT = Uint8Array.from({ length: 256 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase())); | 256 -> (256 + 1)":
      'no byte is 256',
    "for (const [name, value] of bytes) text.set(name, isAscii(value) ? value.toString('latin1') : decoder.decode(value)); | isAscii(value) -> false":
      'the decoder reads ASCII as well, and slower',
    'let byte = value[at] ?? 0; | value[at] ?? 0 -> (value[at])': WITHIN,
    'let byte = value[at] ?? 0; | 0 -> (0 + 1)': WITHIN,
    'return HEX_DIGIT[value[at] ?? 0] ?? NO_DIGIT; | HEX_DIGIT[value[at] ?? 0] ?? NO_DIGIT -> (HEX_DIGIT[value[at] ?? 0])':
      'each byte has its place in the table',
    'return HEX_DIGIT[value[at] ?? 0] ?? NO_DIGIT; | value[at] ?? 0 -> (value[at])': 'past the end there is no digit either way',
    'return HEX_DIGIT[value[at] ?? 0] ?? NO_DIGIT; | 0 -> (0 + 1)': 'past the end there is no digit either way',
  },
  'src/payment/gateway/rsa.ts': {
    "return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= SHORTEST_KEY; | asymmetricKeyDetails?.modulusLength ?? 0 -> (asymmetricKeyDetails?.modulusLength)":
      'nothing is not enough either',
    "return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= SHORTEST_KEY; | 0 -> (0 + 1)":
      'one bit is not enough either',
    "if (bytes.length === 0 || bytes.toString('base64') !== signature) return Promise.resolve(false); | bytes.length === 0 || bytes.toString('base64') !== signature -> (bytes.toString('base64') !== signature)":
      'an empty signature fits no key either; to ask first only saves the work',
    "if (bytes.length === 0 || bytes.toString('base64') !== signature) return Promise.resolve(false); | 0 -> (0 + 1)":
      'a signature of no byte or one fits no key of 2048 bits',
  },
  'src/payment/gateway/wechatpay/certificates.ts': {
    "const serial = textIn(entry, 'serial_no') ?? ''; | textIn(entry, 'serial_no') ?? '' -> (textIn(entry, 'serial_no'))":
      'the word undefined is no serial number either',
    "nonce: textIn(sealed, 'nonce') ?? '', | textIn(sealed, 'nonce') ?? '' -> (textIn(sealed, 'nonce'))":
      'without a nonce nothing can be decrypted',
    'if (pem === undefined || !CERTIFICATE_SERIAL.test(serial)) return undefined; | pem === undefined || !CERTIFICATE_SERIAL.test(serial) -> (!CERTIFICATE_SERIAL.test(serial))':
      'nothing is no certificate, which is found out within the try',
  },
  'src/payment/gateway/wechatpay/notices.ts': {
    'const OUT_REFUND_NO = /^[0-9A-Za-z_\\-|*@]{1,64}$/; | /^[0-9A-Za-z_\\-|*@]{1,64}$/ -> /^[0-9A-Za-z_\\-|*@]{0,64}$/': EMPTY_IS_NONE,
    'const NOTICE_ID = /^[\\x21-\\x7e]{1,64}$/; | /^[\\x21-\\x7e]{1,64}$/ -> /^[\\x21-\\x7e]{0,64}$/': EMPTY_IS_NONE,
    "if (envelope === undefined || sealed === undefined) return { check: 'resource', reason: 'the body is no JSON object with a resource' }; | envelope === undefined || sealed === undefined -> (sealed === undefined)":
      'without an envelope there is no resource',
    "nonce: textIn(sealed, 'nonce') ?? '', | textIn(sealed, 'nonce') ?? '' -> (textIn(sealed, 'nonce'))":
      'without a nonce nothing can be decrypted',
  },
  'src/payment/gateway/wechatpay/platform-keys.ts': {
    'private staleAt = new Date(0); | 0 -> (0 + 1)': 'that was long ago, too',
    'private askAgainAt = new Date(0); | 0 -> (0 + 1)': 'that was long ago, too',
  },
  'src/payment/gateway/wechatpay/encryption.ts': {
    'if (bytes === undefined || bytes.length < TAG_LENGTH) return undefined; | bytes === undefined || bytes.length < TAG_LENGTH -> (bytes === undefined)':
      'a tag that is too short is refused by the cipher itself, within the try',
    'if (bytes === undefined) return undefined; | bytes === undefined -> false':
      'nothing cannot be decrypted, which the cipher itself says, within the try',
    'return key.symmetricKeySize ?? 0; | key.symmetricKeySize ?? 0 -> (key.symmetricKeySize)':
      'a key without a size is no symmetric one, and the cipher refuses it whatever its length is said to be',
    'return key.symmetricKeySize ?? 0; | 0 -> (0 + 1)':
      'a key without a size is no symmetric one, and the cipher refuses it whatever its length is said to be',
  },
  'src/platform/http/api-key.guard.ts': {
    "const secret = BEARER.exec(request.headers.authorization ?? '')?.[1]; | request.headers.authorization ?? '' -> (request.headers.authorization)":
      'a pattern reads a header that is missing as the word undefined, which is no key either',
    'if (secret === undefined || !caller) { | secret === undefined || !caller -> (!caller)': 'whoever shows no key is nobody',
    'if (scope === undefined || !caller.scopes.includes(scope)) { | scope === undefined || !caller.scopes.includes(scope) -> (!caller.scopes.includes(scope))':
      'no key has a scope that is undefined',
  },
  'src/merchant/merchants.ts': {
    'const BOOTSTRAP_LOCK = 20_260_101; | 20_260_101 -> (20_260_101 + 1)': 'any number does that nobody else locks',
    "return secrets.map((secret) => ({ ok: true, value: callers.get(hashes.get(secret)?.toString('hex') ?? '') })); | hashes.get(secret)?.toString('hex') ?? '' -> (hashes.get(secret)?.toString('hex'))":
      'each secret has its hash',
    '{ batchSize: 100, batchesInFlight: 2 }, | 100 -> (100 + 1)': 'how many come together changes nothing that they are told',
    '{ batchSize: 100, batchesInFlight: 2 }, | 2 -> (2 + 1)': 'how many come together changes nothing that they are told',
    "const [first] = await work.manager.find(MerchantEntity, { order: { id: 'ASC' }, take: 1 }); | 1 -> (1 + 1)":
      'the first of two is the first',
    "const [first] = await this.dataSource.getRepository(MerchantEntity).find({ order: { id: 'ASC' }, take: 1 }); | 1 -> (1 + 1)":
      'the first of two is the first',
  },
  'src/platform/secrets/scrub.ts': {
    'const beginnings = new Uint8Array(1 << 16); | 1 -> (1 + 1)': 'there is room for the same pairs, and for more',
    'const beginnings = new Uint8Array(1 << 16); | 16 -> (16 + 1)': 'there is room for the same pairs, and for more',
    'const BEGINS_ONE = 1; | 1 -> (1 + 1)': 'it is only ever told from 0',
    'const cards = GROUPS.test(withoutKeys) ? [...CARDS_IN_GROUPS, CARD_IN_ONE] : [CARD_IN_ONE]; | GROUPS.test(withoutKeys) -> true':
      'where there are no groups none are found, which takes longer',
    "return text.includes('://') ? text.replace(ADDRESS_PASSWORD, `$1:${MASK}@`) : text; | text.includes('://') -> true":
      'where there is no address none is found, which takes longer',
    'for (let at = 0; at + SHORTEST_SECRET <= text.length; at += 1) { | at + SHORTEST_SECRET -> (at - SHORTEST_SECRET)':
      'what is left at the end is too short to be a secret',
    'if (beginnings[pairOf(text.charCodeAt(at), text.charCodeAt(at + 1))] === 0) continue; | beginnings[pairOf(text.charCodeAt(at), text.charCodeAt(at + 1))] === 0 -> false':
      CLOSER_LOOK,
    'return ((first & 0xff) << 8) | (second & 0xff); | ((first & 0xff) << 8) | (second & 0xff) -> undefined': CLOSER_LOOK,
    'return ((first & 0xff) << 8) | (second & 0xff); | ((first & 0xff) << 8) | (second & 0xff) -> true': CLOSER_LOOK,
    'return ((first & 0xff) << 8) | (second & 0xff); | 0xff -> (0xff + 1)': CLOSER_LOOK,
    'return ((first & 0xff) << 8) | (second & 0xff); | 8 -> (8 + 1)': CLOSER_LOOK,
    'sum += doubled > 9 ? doubled - 9 : doubled; | sum += doubled > 9 ? doubled - 9 : doubled -> (sum -= doubled > 9 ? doubled - 9 : doubled)':
      'what is divisible by ten is so below zero, too',
  },
};
