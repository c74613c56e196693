import type { SettlementTotals } from './settlement-file.js';

/** A line of the report: a kind of transaction or of card, with what its transactions come to. */
export interface ReportLine extends SettlementTotals {
  readonly title: string;
}

/** The summary that UnionPay makes of a settlement day. */
export interface SettlementReport {
  readonly merId: string;
  /** `YYYYMMDD`. */
  readonly settlementDate: string;
  readonly lines: readonly ReportLine[];
  readonly total: ReportLine;
}

const TOTAL = '总计';
const YUAN = String.raw`(-?\d[\d,]*\.\d{2})`;
/** A title, the count, and a debit and a credit each of the amount, the fee and what is settled. */
const LINE = new RegExp(String.raw`^(\S+)\s+(\d+)${String.raw`\s+${YUAN}`.repeat(6)}\s*$`);

/**
 * An `RD…` file, the report of a settlement day in GBK, or the reason why it cannot be read. It has its total once for the
 * kinds of transactions and once for those of cards, and both must agree.
 */
export function readSettlementReport(bytes: Buffer): SettlementReport | string {
  let text: string;
  try {
    text = new TextDecoder('gbk', { fatal: true }).decode(bytes);
  } catch {
    return 'the report is not in GBK';
  }
  const merId = /商户代码[:：](\w+)/.exec(text)?.[1];
  const settlementDate = /清算日期[:：](\d{8})/.exec(text)?.[1];
  const lines = text.split(/\r?\n/).flatMap((line) => lineOf(line) ?? []);
  const [total, ...others] = lines.filter(({ title }) => title === TOTAL);
  if (merId === undefined || settlementDate === undefined || total === undefined) return 'the report lacks its head or its total';
  if (others.some((other) => !sameTotals(other, total))) return 'the totals of the report differ';
  return { merId, settlementDate, lines: lines.filter(({ title }) => title !== TOTAL), total };
}

/** Debits and credits are the merchant's, so an amount is what was credited, and a fee what was debited. */
function lineOf(line: string): ReportLine | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const [, title = '', count = '', ...sides] = match;
  const [debit = 0, credit = 0, feeDebit = 0, feeCredit = 0, settledDebit = 0, settledCredit = 0] = sides.map(fenOf);
  return { title, count: Number(count), amount: credit - debit, fee: feeDebit - feeCredit, settled: settledCredit - settledDebit };
}

/** Two decimals are the last two digits of the fen. */
function fenOf(yuan: string): number {
  return Number(yuan.replace(/[,.]/g, ''));
}

function sameTotals(left: SettlementTotals, right: SettlementTotals): boolean {
  return left.count === right.count && left.amount === right.amount && left.fee === right.fee && left.settled === right.settled;
}
