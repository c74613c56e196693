import { parseBeijingTime } from '../../../kernel/clock.js';
import { money, sum, type Money } from '../../../kernel/money.js';
import { readArchive } from '../archive.js';
import { fromYuan } from './amounts.js';

const KINDS: ReadonlyMap<string, StatementRow['kind']> = new Map([
  ['交易', 'payment'],
  ['退款', 'refund'],
]);

/** The columns that are read, by the names in the file's header. */
const COLUMN = {
  tradeNo: '支付宝交易号',
  outTradeNo: '商户订单号',
  kind: '业务类型',
  completedAt: '完成时间',
  amount: '订单金额（元）',
  received: '商家实收（元）',
  refundNo: '退款批次号/请求号',
  fee: '服务费（元）',
} as const;

/** A payment or a refund that Alipay counts. Amounts of refunds are below zero, as in the file. */
export interface StatementRow {
  readonly kind: 'payment' | 'refund';
  readonly tradeNo: string;
  readonly outTradeNo: string;
  /** Our number of the refund. */
  readonly refundNo?: string;
  readonly completedAt: Date;
  /** What the order came to. */
  readonly amount: Money;
  /** What the merchant got, coupons taken into account. */
  readonly received: Money;
  readonly fee: Money;
  /** Every cell by the name of its column, without the tabs that keep spreadsheets from calculating with numbers. */
  readonly cells: ReadonlyMap<string, string>;
}

/** A line that is not understood. It may be money, so it is for a person to look at. */
export interface OddLine {
  readonly line: number;
  readonly text: string;
  readonly problem: string;
}

export interface Totals {
  readonly count: number;
  readonly received: Money;
}

export interface Statement {
  readonly columns: readonly string[];
  readonly rows: readonly StatementRow[];
  readonly odd: readonly OddLine[];
  /** What the rows come to. */
  readonly payments: Totals;
  readonly refunds: Totals;
  /** What the file itself says they come to, undefined where it does not. A file without that was cut short. */
  readonly stated: { readonly payments?: Totals; readonly refunds?: Totals };
  /** Every line was understood, and the rows come to what the file says. */
  readonly consistent: boolean;
}

/**
 * The detailed statements in the ZIP archive that Alipay serves, or what is wrong with it. Large ones come in several files.
 * Source: Alipay, `alipay.data.dataservice.bill.downloadurl.query`.
 */
export async function readStatements(zip: Buffer): Promise<readonly Statement[] | string> {
  const entries = await readArchive(zip);
  if (typeof entries === 'string') return entries;
  const details = entries.filter(({ name }) => /业务明细(?!\(汇总\)).*\.csv$/.test(name)).map(({ bytes }) => readStatement(bytes));
  if (details.length === 0) return 'the archive has no detailed statement';
  const unreadable = details.find((statement) => typeof statement === 'string');
  return unreadable ?? details.filter((statement) => typeof statement !== 'string');
}

/** A detailed statement (业务明细), which is CSV in GBK between lines that begin with `#`, or what is wrong with it as a whole. */
export function readStatement(bytes: Buffer): Statement | string {
  const text = decoded(bytes);
  if (text === undefined) return 'the statement is not in GBK';
  const lines = text.split(/\r?\n/).map((content, index) => ({ line: index + 1, text: content }));
  const table = lines.filter((line) => line.text.trim() !== '' && !line.text.startsWith('#'));
  const [header, ...body] = table;
  const columns = header?.text.split(',').map((name) => name.trim()) ?? [];
  const missing = Object.values(COLUMN).find((name) => columns.indexOf(name) === -1 || columns.indexOf(name) !== columns.lastIndexOf(name));
  if (missing !== undefined) return `the statement does not have the one column ${missing}`;
  const read = body.map((line) => readRow(line, columns));
  const rows = read.filter((row): row is StatementRow => 'kind' in row);
  const odd = read.filter((row): row is OddLine => 'problem' in row);
  const [payments, refunds] = [totalsOf(rows, 'payment'), totalsOf(rows, 'refund')];
  const stated = { payments: statedIn(text, '交易'), refunds: statedIn(text, '退款') };
  const consistent = odd.length === 0 && same(payments, stated.payments) && same(refunds, stated.refunds);
  return { columns, rows, odd, payments, refunds, stated, consistent };
}

function readRow({ line, text }: { readonly line: number; readonly text: string }, columns: readonly string[]): StatementRow | OddLine {
  const values = text.split(',');
  const odd = (problem: string): OddLine => ({ line, text, problem });
  // How a comma within a cell would be written is nowhere said, so a line that has one is not guessed at.
  if (values.length !== columns.length) return odd(`has ${values.length} cells under ${columns.length} columns`);
  const cells = new Map(columns.map((name, index) => [name, (values[index] ?? '').trim()]));
  const cell = (name: keyof typeof COLUMN) => cells.get(COLUMN[name]) ?? '';
  const kind = KINDS.get(cell('kind'));
  const completedAt = parseBeijingTime(cell('completedAt'));
  const [amount, received, fee] = [signedYuan(cell('amount')), signedYuan(cell('received')), signedYuan(cell('fee'))];
  const [tradeNo, outTradeNo, refundNo] = [cell('tradeNo'), cell('outTradeNo'), cell('refundNo')];
  if (kind === undefined) return odd('is neither a payment nor a refund');
  if (tradeNo === '' || outTradeNo === '') return odd('lacks the number of its trade');
  if (completedAt === undefined) return odd('has no time that can be read');
  if (amount === undefined || received === undefined || fee === undefined) return odd('has an amount that cannot be read');
  if (kind === 'payment' ? amount.amount < 0 : amount.amount > 0) return odd('has an amount of the wrong sign');
  const row = { kind, tradeNo, outTradeNo, completedAt, amount, received, fee, cells };
  return refundNo === '' ? row : { ...row, refundNo };
}

function signedYuan(text: string): Money | undefined {
  const amount = fromYuan(text.replace(/^-/, ''));
  return amount !== undefined && text.startsWith('-') && amount.amount !== 0 ? money(-amount.amount) : amount;
}

function totalsOf(rows: readonly StatementRow[], kind: StatementRow['kind']): Totals {
  const counted = rows.filter((row) => row.kind === kind);
  return { count: counted.length, received: money(sum(counted.map(({ received }) => received.amount))) };
}

/** Such as `#交易合计：6笔，商家实收共0.06元，…`, and for refunds `商家实收退款共-0.04元`. */
function statedIn(text: string, kind: '交易' | '退款'): Totals | undefined {
  const [, count = '', yuan = ''] = new RegExp(`^#${kind}合计：(\\d{1,9})笔，商家实收(?:退款)?共(-?[\\d.]+)元`, 'm').exec(text) ?? [];
  const received = signedYuan(yuan);
  return received === undefined ? undefined : { count: Number(count), received };
}

function same(counted: Totals, stated: Totals | undefined): boolean {
  return stated !== undefined && counted.count === stated.count && counted.received.amount === stated.received.amount;
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('gb18030', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
