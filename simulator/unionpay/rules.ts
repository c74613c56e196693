import { fromBeijingTime } from './beijing-time.js';
import { isPlain, type Fields } from './message.js';
import { malformed, missing } from './refused.js';

/** How a field may look, and how to tell it a developer who got it wrong. */
interface Rule {
  readonly fits: (value: string) => boolean;
  readonly wanted: string;
  readonly optional?: boolean;
}

export type Rules = Readonly<Record<string, Rule>>;

const oneOf = (...values: string[]): Rule => ({ fits: (value) => values.includes(value), wanted: `须为 ${values.join(' 或 ')}` });
const pattern = (regex: RegExp, wanted: string): Rule => ({ fits: (value) => regex.test(value), wanted });
const maybe = (rule: Rule): Rule => ({ ...rule, optional: true });

const TIME: Rule = { fits: (value) => fromBeijingTime(value) !== undefined, wanted: '须为北京时间 YYYYMMDDhhmmss' };
const NUMBER = pattern(/^[A-Za-z0-9]{8,40}$/, '须为 8 至 40 位字母或数字');
const QUERY_ID = pattern(/^\d{21}$/, '须为 21 位数字');
const FEN = pattern(/^[1-9]\d{0,11}$/, '须为以分为单位的正整数，至多 12 位');
const URL_RULE: Rule = {
  fits: (value) => value.length <= 256 && /^https?:\/\//i.test(value) && URL.canParse(value),
  wanted: '须为不超过 256 个字符的 http(s) 地址',
};
// It comes back in answers that are not encoded, where these would be taken for separators.
const RESERVED: Rule = {
  fits: (value) => value.length <= 1024 && isPlain(value),
  wanted: '至多 1024 个字符，且不能包含分隔符、括号或换行',
};

/** Every message's. The certificate, the merchant and the signature are looked at on their own. */
export const COMMON: Rules = {
  version: oneOf('5.1.0'),
  encoding: { fits: (value) => value.toUpperCase() === 'UTF-8', wanted: '须为 UTF-8' },
  signMethod: oneOf('01'),
};

const OF_A_TRANSACTION: Rules = {
  accessType: oneOf('0'),
  channelType: oneOf('07', '08'),
  orderId: NUMBER,
  txnTime: TIME,
  txnAmt: FEN,
  backUrl: URL_RULE,
  reqReserved: maybe(RESERVED),
};

/** Source: UnionPay's own Java kit, `Form_6_2_FrontConsume`. */
export const CONSUME: Rules = {
  ...OF_A_TRANSACTION,
  txnSubType: oneOf('01'),
  bizType: oneOf('000201'),
  currencyCode: oneOf('156'),
  frontUrl: URL_RULE,
  payTimeout: maybe(TIME),
};

/** Refund and cancel. Source: `Form_6_4_Refund`, `Form_6_3_ConsumeUndo`. */
export const GIVE_BACK: Rules = {
  ...OF_A_TRANSACTION,
  txnSubType: oneOf('00'),
  bizType: oneOf('000201', '000000'),
  currencyCode: maybe(oneOf('156')),
  origQryId: QUERY_ID,
};

/** By the transaction's own number and time. Source: `Form_6_5_Query`. */
export const QUERY: Rules = {
  accessType: oneOf('0'),
  txnSubType: oneOf('00'),
  bizType: oneOf('000201', '000000'),
  orderId: NUMBER,
  txnTime: TIME,
};

/** By UnionPay's number instead. */
export const QUERY_BY_ID: Rules = {
  accessType: oneOf('0'),
  txnSubType: oneOf('02'),
  bizType: oneOf('000201', '000000'),
  queryId: QUERY_ID,
};

/** Throws the first field that is missing or wrong. A field without a value counts as missing: it is not even signed. */
export function checkRules(fields: Fields, rules: Rules): void {
  for (const [name, rule] of Object.entries(rules)) {
    const value = fields[name] ?? '';
    if (value === '' && !rule.optional) throw missing(name);
    if (value !== '' && !rule.fits(value)) throw malformed(`${name} ${rule.wanted}`);
  }
}
