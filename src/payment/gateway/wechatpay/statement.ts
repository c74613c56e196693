import { parseBeijingTime } from '../../../kernel/clock.js';
import { sum } from '../../../kernel/money.js';
import { readBillTable, type BillTable } from './bill-table.js';

/** What a row of a trade bill is about. The states are as they were when the bill was made. */
export interface TradeRow {
  readonly tradedAt: Date;
  readonly appId: string;
  readonly mchId: string;
  readonly transactionId: string;
  readonly outTradeNo: string;
  readonly tradeType: string;
  /** `SUCCESS`, `REFUND` or `REVOKED`. */
  readonly tradeState: string;
  readonly currency: string;
  /** What the order came to, in fen: 订单金额, which is `amount.total`. Zero in the row of a refund. */
  readonly ordered: number;
  /** What is settled of it, in fen: 应结订单金额, less than `ordered` by coupons. Old accounts have no such column. */
  readonly settled: number | undefined;
  readonly refund: RefundCells | undefined;
  /** 手续费, in thousandths of a fen. Below zero where a refund gives it back. */
  readonly feeInThousandthsOfFen: number;
}

/** A refund within a row. */
export interface RefundCells {
  readonly refundId: string;
  readonly outRefundNo: string;
  /** 申请退款金额, in fen: what was asked for, which is `amount.refund`. */
  readonly requested: number;
  /** 退款金额, in fen: what of it was settled money. */
  readonly refunded: number;
  /** `SUCCESS`, `PROCESSING`, `FAIL` or `CHANGE`: other words than the API's. */
  readonly state: string;
  /** Only in a bill of refunds. */
  readonly succeededAt: Date | undefined;
}

export interface TradeStatement {
  readonly table: BillTable;
  readonly rows: readonly TradeRow[];
  /** The names of the sums in the summary that the rows do not come to. Empty where all is well. */
  readonly disagreements: readonly string[];
}

type Cells = ReadonlyMap<string, string>;

/** Reads a trade bill of any `bill_type`, or says why it is none. Source: WeChat Pay, 4013071246. */
export function readTradeStatement(text: string): TradeStatement | { readonly problem: string } {
  const table = readBillTable(text);
  if ('problem' in table) return table;
  const rows = table.rows.map(tradeRow);
  const broken = rows.findIndex((row) => row === undefined);
  if (broken >= 0) return { problem: `row ${broken + 1} lacks a number, a time or a readable amount` };
  const read = rows.filter((row) => row !== undefined);
  return { table, rows: read, disagreements: disagreementsOf(table, read) };
}

function tradeRow(cells: Cells): TradeRow | undefined {
  const tradedAt = parseBeijingTime(text(cells, '交易时间'));
  const ordered = fen(cells.get('订单金额'));
  const settled = fen(cells.get('应结订单金额') ?? '0');
  const fee = thousandthsOfFen(cells.get('手续费'));
  const refund = refundCells(cells);
  const numbers = [text(cells, '微信订单号'), text(cells, '商户订单号'), text(cells, '交易状态')];
  if (tradedAt === undefined || ordered === undefined || settled === undefined || fee === undefined) return undefined;
  if (refund === 'unreadable' || numbers.includes('')) return undefined;
  return {
    tradedAt,
    appId: text(cells, '公众账号ID'),
    mchId: text(cells, '商户号'),
    transactionId: text(cells, '微信订单号'),
    outTradeNo: text(cells, '商户订单号'),
    tradeType: text(cells, '交易类型'),
    tradeState: text(cells, '交易状态'),
    currency: text(cells, '货币种类'),
    ordered,
    settled: cells.has('应结订单金额') ? settled : undefined,
    refund,
    feeInThousandthsOfFen: fee,
  };
}

/** A row without a refund has `0` for its number, or no such column. */
function refundCells(cells: Cells): RefundCells | 'unreadable' | undefined {
  const refundId = text(cells, '微信退款单号');
  if (refundId === '' || refundId === '0') return undefined;
  const refunded = fen(cells.get('退款金额'));
  // Bills of old accounts do not say what was asked for.
  const requested = fen(cells.get('申请退款金额') ?? cells.get('退款金额'));
  if (refunded === undefined || requested === undefined) return 'unreadable';
  const succeededAt = parseBeijingTime(text(cells, '退款成功时间'));
  return { refundId, outRefundNo: text(cells, '商户退款单号'), requested, refunded, state: text(cells, '退款状态'), succeededAt };
}

function disagreementsOf({ summary }: BillTable, rows: readonly TradeRow[]): string[] {
  const sums: readonly [string, number | undefined, number][] = [
    ['总交易单数', count(summary.get('总交易单数')), rows.length],
    ['应结订单总金额', fen(summary.get('应结订单总金额')), sum(rows.map(({ settled }) => settled ?? 0))],
    ['订单总金额', fen(summary.get('订单总金额')), sum(rows.map(({ ordered }) => ordered))],
    ['退款总金额', fen(summary.get('退款总金额')), sum(rows.map(({ refund }) => refund?.refunded ?? 0))],
    ['申请退款总金额', fen(summary.get('申请退款总金额')), sum(rows.map(({ refund }) => refund?.requested ?? 0))],
    ['手续费总金额', thousandthsOfFen(summary.get('手续费总金额')), sum(rows.map((row) => row.feeInThousandthsOfFen))],
  ];
  return sums.filter(([name, said, counted]) => summary.has(name) && said !== counted).map(([name]) => name);
}

function text(cells: Cells, name: string): string {
  return cells.get(name) ?? '';
}

function fen(yuan: string | undefined): number | undefined {
  return scaled(yuan, 2);
}

function thousandthsOfFen(yuan: string | undefined): number | undefined {
  return scaled(yuan, 5);
}

/** The bill writes a count like `45` or `45.0`. */
function count(written: string | undefined): number | undefined {
  return scaled(written?.replace(/\.0+$/, ''), 0);
}

/** A decimal with at most so many places, as a whole number of its smallest unit. It is put together from digits. */
function scaled(decimal: string | undefined, places: number): number | undefined {
  const match = /^(-?)(\d{1,10})(?:\.(\d{1,5}))?$/.exec(decimal ?? '');
  const [, sign = '', whole = '', fraction = ''] = match ?? [];
  if (match === null || fraction.length > places) return undefined;
  // `-0.00` is nothing, and must not be the odd zero that compares unlike any other.
  return Number(sign + whole + fraction.padEnd(places, '0')) + 0;
}
