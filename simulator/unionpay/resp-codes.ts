/** What became of a transaction. `03` to `05` are no end: the merchant asks again. */
export const SUCCESS = '00';
export const ACCEPTED = '05';
export const DECLINED = '60'; // By the bank that issued the card.
export const NOT_FOUND = '34';

const REASONS: Readonly<Record<string, string>> = {
  '00': '成功',
  '01': '交易失败',
  '02': '系统未开放或暂时关闭',
  '03': '交易通讯超时，请发起查询交易',
  '04': '交易状态未明，请查询对账结果',
  '05': '交易已受理，请稍后查询交易结果',
  '06': '系统繁忙，请稍后再试',
  '12': '重复交易',
  '34': '查无此交易',
  '60': '交易失败，详情请咨询您的发卡行',
  A6: '有缺陷的成功',
};

export function reasonOf(respCode: string): string {
  return REASONS[respCode] ?? '模拟的应答码';
}

/** What a merchant's support reads. The seven digits are UnionPay's inner detail, which nobody else can look up. */
export function messageOf(respCode: string, reason = reasonOf(respCode)): string {
  return `${reason}[${respCode.padStart(7, '0')}]`;
}
