import { sum } from '../../../kernel/money.js';
import { parseCompactTime, parseYearlessTime } from './times.js';

/** A transaction as the settlement files list it. Amounts are in fen. */
export interface SettlementRow {
  /** `S56` is a payment online. What the others are was not to be found out. */
  readonly tradeCode: string;
  readonly traceNo: string;
  readonly at: Date;
  readonly maskedCard: string;
  readonly amount: number;
}

/** A transaction that was settled. */
export interface SettledRow extends SettlementRow {
  readonly queryId: string;
  readonly orderId: string;
  /** What UnionPay keeps: below zero where it gives a fee back. */
  readonly fee: number;
  /** What the merchant gets: below zero where it is charged. */
  readonly settled: number;
  readonly bizType: string;
  readonly merId: string;
}

/** What the rows come to, in fen, with what went back to payers taken off. */
export interface SettlementTotals {
  readonly count: number;
  readonly amount: number;
  readonly fee: number;
  readonly settled: number;
}

export interface SettlementFile {
  readonly rows: readonly SettledRow[];
  readonly totals: SettlementTotals;
}

const ZM_WIDTHS = [
  3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21, 15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2,
  1, 32, 98,
];
const ZME_WIDTHS = [3, 11, 11, 6, 10, 19, 12, 4, 2, 2, 6, 10, 4, 12, 13, 13, 15, 15, 1, 12, 2, 135];

/**
 * A `…ZM_…` file, the transactions that were settled, or the reason why it cannot be read. `settlementDate` is `YYYYMMDD`:
 * the rows have no year.
 * Source: UnionPay, ACPSample_B2C, `DemoBase.parseZMFile`.
 */
export function readSettlementFile(text: string, settlementDate: string): SettlementFile | string {
  const rows = rowsOf(text, ZM_WIDTHS, settlementDate, (columns, row): SettledRow | undefined => {
    const [queryId = '', orderId = '', bizType = '', merId = ''] = [9, 11, 21, 27].map((at) => columns[at]);
    const fee = signedFen(columns[15] ?? '');
    const settled = signedFen(columns[16] ?? '');
    if (fee === undefined || settled === undefined || !/^\d{21}$/.test(queryId)) return undefined;
    // A fee is written from the merchant's side, on which it is a debit.
    return { ...row, queryId, orderId, fee: 0 - fee, settled, bizType, merId };
  });
  return typeof rows === 'string' ? rows : { rows, totals: totalsOf(rows) };
}

/**
 * A `…ZME_…` file, the transactions that went wrong, or the reason why it cannot be read.
 * Source: UnionPay, ACPSample_B2C, `DemoBase.parseZMEFile`.
 */
export function readErrorFile(text: string, settlementDate: string): readonly SettlementRow[] | string {
  return rowsOf(text, ZME_WIDTHS, settlementDate, (_, row) => row);
}

/** `YYYYMMDD`, as the name of a file tells it, such as `INN15090588ZM_802310048993424`, or undefined. */
export function settlementDateOf(fileName: string): string | undefined {
  const date = /^INN(\d{6})\d{2}ZME?_/.exec(fileName)?.[1];
  return date === undefined ? undefined : `20${date}`;
}

type ReadRow<Row> = (columns: readonly string[], row: SettlementRow) => Row | undefined;

function rowsOf<Row>(text: string, widths: readonly number[], settlementDate: string, read: ReadRow<Row>): Row[] | string {
  const day = parseCompactTime(`${settlementDate}120000`);
  if (day === undefined) return 'the settlement date is none';
  const rows: Row[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '') continue;
    const columns = columnsOf(line, widths);
    const common = columns && commonOf(columns, day);
    const row = columns && common && read(columns, common);
    if (row === undefined) return `line ${index + 1} cannot be read`;
    rows.push(row);
  }
  return rows;
}

/** Columns of fixed widths with one blank between them, each without the blanks around its text. */
function columnsOf(line: string, widths: readonly number[]): readonly string[] | undefined {
  const columns: string[] = [];
  let at = 0;
  for (const width of widths) {
    columns.push(line.slice(at, at + width).trim());
    at += width;
    if ((line[at] ?? ' ') !== ' ') return undefined;
    at += 1;
  }
  return line.slice(at).trim() === '' ? columns : undefined;
}

function commonOf(columns: readonly string[], day: Date): SettlementRow | undefined {
  const [tradeCode = '', traceNo = '', time = '', maskedCard = '', amount = ''] = [0, 3, 4, 5, 6].map((at) => columns[at]);
  const at = parseYearlessTime(time, day);
  if (tradeCode === '' || at === undefined || !/^\d{12}$/.test(amount)) return undefined;
  return { tradeCode, traceNo, at, maskedCard, amount: Number(amount) };
}

/** `C` and twelve digits is a credit of the merchant, `D` a debit; digits alone are nothing, and so must be zero. */
function signedFen(text: string): number | undefined {
  const [, side = '', digits = ''] = /^([CD]?)(\d{12})$/.exec(text) ?? [];
  const fen = Number(digits);
  if (digits === '' || (side === '' && fen !== 0)) return undefined;
  return side === 'D' ? 0 - fen : fen;
}

function totalsOf(rows: readonly SettledRow[]): SettlementTotals {
  return {
    count: rows.length,
    amount: sum(rows.map(({ amount, settled }) => (settled < 0 ? -amount : amount))),
    fee: sum(rows.map(({ fee }) => fee)),
    settled: sum(rows.map(({ settled }) => settled)),
  };
}
