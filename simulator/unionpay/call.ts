import { X509Certificate } from 'node:crypto';
import type { MerchantCertificate, UnionPayContext } from './context.js';
import { UNIONPAY_MER_ID } from './keys.js';
import type { Fields } from './message.js';
import { missing, malformed, tooLate, unknownMerchant, unverified } from './refused.js';
import { fromBeijingTime } from './beijing-time.js';
import { checkRules, COMMON, type Rules } from './rules.js';
import { digestOf, verifies } from './signing.js';

/** How far a new transaction's txnTime may be from now. UnionPay wants "now" and does not say how exactly. */
const TXN_TIME_TOLERANCE_MS = 15 * 60_000;

export function merchantOf(certificate: string): MerchantCertificate {
  const { serialNumber, publicKey } = new X509Certificate(certificate);
  return { certId: BigInt(`0x${serialNumber}`).toString(10), publicKey };
}

/** A message that the merchant really sent: of the version that is spoken here, and signed. Throws what UnionPay refuses. */
export function checkSender(fields: Fields, merchant: MerchantCertificate): void {
  checkRules(fields, COMMON);
  if (!fields.merId) throw missing('merId');
  if (fields.merId !== UNIONPAY_MER_ID) throw unknownMerchant();
  if (!fields.certId) throw missing('certId');
  if (fields.certId !== merchant.certId) throw unverified('未知的 certId');
  if (!fields.signature) throw missing('signature');
  // Nothing finds a signing mistake faster than the digest that the other side arrived at.
  if (!verifies(fields, merchant.publicKey)) throw unverified(`网关计算的摘要为 ${digestOf(fields)}`);
}

/** A new transaction is complete, and made now. Throws what UnionPay refuses. */
export function checkTransaction(fields: Fields, rules: Rules, { clock }: UnionPayContext): void {
  checkRules(fields, rules);
  const made = fromBeijingTime(fields.txnTime ?? '');
  if (!made) throw malformed('txnTime');
  if (Math.abs(made.getTime() - clock().getTime()) > TXN_TIME_TOLERANCE_MS) throw tooLate('txnTime 须为当前的北京时间');
}
