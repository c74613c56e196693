// Mutants that no test can kill, because the program does the same with them. Each with the reason; one that is no longer there fails.
const NAMES_DIFFER = 'the names come out of a map, so no two of them are the same';
const SIGN_ALONE = 'a sort looks at the sign alone';

const sorting = {
  'if (left === right) return 0; | left === right -> false': NAMES_DIFFER,
  'if (left === right) return 0; | 0 -> undefined': NAMES_DIFFER,
  'if (left === right) return 0; | 0 -> (0 + 1)': NAMES_DIFFER,
  'return left < right ? -1 : 1; | left < right -> (left <= right)': NAMES_DIFFER,
  'return left < right ? -1 : 1; | 1 -> (1 + 1)': SIGN_ALONE,
};

export const EQUIVALENT = {
  'src/payment/gateway/alipay/signing.ts': sorting,
  'src/payment/gateway/unionpay/signing.ts': sorting,
  'src/payment/gateway/form.ts': {
    "const pairs = body.toString('latin1').split('&', MOST_FIELDS + 1); | 1 -> (1 + 1)":
      'one pair too many is enough to know that there are too many',
  },
  'src/payment/gateway/rsa.ts': {
    "if (bytes.length === 0 || bytes.toString('base64') !== signature) return Promise.resolve(false); | bytes.length === 0 || bytes.toString('base64') !== signature -> (bytes.toString('base64') !== signature)":
      'an empty signature fits no key either; to ask first only saves the work',
    "if (bytes.length === 0 || bytes.toString('base64') !== signature) return Promise.resolve(false); | 0 -> (0 + 1)":
      'a signature of no byte or one fits no key of 2048 bits',
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
    'if (scope === undefined || !caller.scopes.includes(scope)) { | scope === undefined || !caller.scopes.includes(scope) -> (!caller.scopes.includes(scope))':
      'no key has a scope that is undefined',
  },
};
