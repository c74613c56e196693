import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { readBillFile } from '../../../src/payment/gateway/wechatpay/bill-file.js';
import { readBillTable } from '../../../src/payment/gateway/wechatpay/bill-table.js';
import { readTradeStatement, type TradeStatement } from '../../../src/payment/gateway/wechatpay/statement.js';

const HEADER =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,' +
  '微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
const SUMMARY = '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';
const PAID =
  '`2026-01-05 10:12:30,`wxdace645e0bc2c424,`1900006891,`0,`,`4200000001,`order01,`oUpF8,`NATIVE,`SUCCESS,`CMB_DEBIT,`CNY,' +
  '`80.00,`8.88,`0,`0,`0.00,`0.00,`,`,`tea, black,`x,`0.48000,`0.60%,`88.88,`0.00,`';
const BACK =
  '`2026-01-05 11:00:00,`wxdace645e0bc2c424,`1900006891,`0,`,`4200000001,`order01,`oUpF8,`NATIVE,`REFUND,`CMB_DEBIT,`CNY,' +
  '`0.00,`0.00,`5030080001,`refund01,`9.00,`0.00,`ORIGINAL,`SUCCESS,`tea,`x,`-0.05400,`0.60%,`0.00,`10.00,`';
const TOTALS = '`2.0,`80.00,`9.00,`0.00,`0.42600,`88.88,`10.00';

const bill = (...lines: string[]) => lines.join('\n');
const whole = bill(HEADER, PAID, BACK, SUMMARY, TOTALS);

function read(text: string): TradeStatement {
  const statement = readTradeStatement(text);
  if ('problem' in statement) throw new Error(statement.problem);
  return statement;
}

describe('A bill of WeChat Pay', () => {
  it('is read into fen, a row each', () => {
    const { rows, disagreements } = read(whole);
    expect(disagreements).toEqual([]);
    expect(rows).toEqual([
      {
        tradedAt: new Date('2026-01-05T02:12:30Z'),
        appId: 'wxdace645e0bc2c424',
        mchId: '1900006891',
        transactionId: '4200000001',
        outTradeNo: 'order01',
        tradeType: 'NATIVE',
        tradeState: 'SUCCESS',
        currency: 'CNY',
        ordered: 8_888,
        settled: 8_000,
        refund: undefined,
        feeInThousandthsOfFen: 48_000,
      },
      expect.objectContaining({
        tradeState: 'REFUND',
        ordered: 0,
        refund: {
          refundId: '5030080001',
          outRefundNo: 'refund01',
          requested: 1_000,
          refunded: 900,
          state: 'SUCCESS',
          succeededAt: undefined,
        },
        feeInThousandthsOfFen: -5_400,
      }),
    ]);
  });

  it.each([
    ['with a byte order mark', `\uFEFF${whole}`],
    ['with a line feed at its end', `${whole}\n`],
    ['with the line ends of Windows', whole.replaceAll('\n', '\r\n')],
  ])('%s is the same bill', (_, text) => {
    expect(read(text)).toEqual(read(whole));
  });

  it('of a day without trade has no rows', () => {
    const empty = read(bill(HEADER, SUMMARY, '`0,`0.00,`0.00,`0.00,`0.00000,`0.00,`0.00'));
    expect(empty).toMatchObject({ rows: [], disagreements: [] });
  });

  it('of successes alone has no columns of refunds', () => {
    const refunds = ['微信退款单号', '商户退款单号', '退款金额', '充值券退款金额', '退款类型', '退款状态', '申请退款金额'];
    const names = HEADER.split(',');
    const cells = PAID.slice(1).split(',`');
    const kept = names.map((name, at) => [name, cells[at] ?? ''] as const).filter(([name]) => !refunds.includes(name));
    const text = bill(
      kept.map(([name]) => name).join(','),
      `\`${kept.map(([, cell]) => cell).join(',`')}`,
      '总交易单数,订单总金额',
      '`1,`88.88',
    );
    expect(read(text)).toMatchObject({
      table: { columns: { length: 20 } },
      rows: [{ ordered: 8_888, refund: undefined }],
      disagreements: [],
    });
  });

  it.each([
    ['总交易单数', '`3,`80.00,`9.00,`0.00,`0.42600,`88.88,`10.00'],
    ['应结订单总金额', '`2,`80.01,`9.00,`0.00,`0.42600,`88.88,`10.00'],
    ['退款总金额', '`2,`80.00,`9.01,`0.00,`0.42600,`88.88,`10.00'],
    ['手续费总金额', '`2,`80.00,`9.00,`0.00,`0.42601,`88.88,`10.00'],
    ['订单总金额', '`2,`80.00,`9.00,`0.00,`0.42600,`88.8,`10.00'],
    ['申请退款总金额', '`2,`80.00,`9.00,`0.00,`0.42600,`88.88,`ten'],
  ])('whose rows do not come to %s says so', (name, totals) => {
    expect(read(bill(HEADER, PAID, BACK, SUMMARY, totals)).disagreements).toEqual([name]);
  });

  it.each([
    ['nothing', ''],
    ['a page', '<html>'],
    ['an error', '{"code":"NO_STATEMENT_EXIST","message":"账单不存在"}'],
    ['no header', bill(PAID, SUMMARY, TOTALS)],
    ['no summary', bill(HEADER, PAID, BACK)],
    ['a row cut short', bill(HEADER, PAID.slice(0, 60), SUMMARY, TOTALS)],
    ['a summary cut short', bill(HEADER, PAID, SUMMARY, '`1,`2')],
    ['an amount in words', bill(HEADER, PAID.replace('`88.88', '`all'), SUMMARY, TOTALS)],
    ['an amount with three decimals', bill(HEADER, PAID.replace('`88.88', '`88.888'), SUMMARY, TOTALS)],
    ['an amount with an exponent', bill(HEADER, PAID.replace('`88.88', '`1e3'), SUMMARY, TOTALS)],
    ['no time', bill(HEADER, PAID.replace('2026-01-05 10:12:30', ''), SUMMARY, TOTALS)],
    ['no number', bill(HEADER, PAID.replace('order01', ''), SUMMARY, TOTALS)],
    ['a refund without an amount', bill(HEADER, BACK.replace('`9.00', '`'), SUMMARY, TOTALS)],
  ])('is not read from %s', (_, text) => {
    expect(readTradeStatement(text)).toEqual({ problem: expect.any(String) as string });
  });

  it('of the flow of funds is a table, too', () => {
    const text = bill(
      '记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号',
      '`2026-01-05 10:12:30,`4200000001,`1001,`交易,`交易,`收入,`88.88,`100.00,`system,`,`order01',
      '资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额',
      '`1.0,`1.0,`88.88,`0.0,`0.00',
    );
    const table = readBillTable(text);
    if ('problem' in table) throw new Error(table.problem);
    expect(table.rows[0]?.get('收支金额(元)')).toBe('88.88');
    expect(table.summary.get('收入金额')).toBe('88.88');
  });
});

describe('A downloaded bill', () => {
  const hashValue = createHash('sha1').update(whole).digest('hex');
  const description = { hashType: 'SHA1', hashValue, compressed: true };
  const zipped = gzipSync(whole);

  it('is taken when the hash of what is within fits', () => {
    expect(readBillFile(zipped, description)).toEqual({ text: whole });
    expect(readBillFile(zipped, { ...description, hashValue: hashValue.toUpperCase() })).toEqual({ text: whole });
    expect(readBillFile(Buffer.from(whole), { ...description, compressed: false })).toEqual({ text: whole });
  });

  it.each<[string, Buffer, object]>([
    ['with another hash', zipped, { hashValue: hashValue.replace(/^./, 'g') }],
    ['with the hash of the zipped bytes', zipped, { hashValue: createHash('sha1').update(zipped).digest('hex') }],
    ['with a hash of another kind', zipped, { hashType: 'MD5' }],
    ['with one byte changed', gzipSync(whole.replace('88.88', '88.89')), {}],
    ['that was cut', zipped.subarray(0, -20), {}],
    ['that is not zipped', Buffer.from(whole), {}],
    ['of nothing', Buffer.alloc(0), {}],
  ])('%s is not taken', (_, bytes, changes) => {
    expect(readBillFile(bytes, { ...description, ...changes })).toEqual({ problem: expect.any(String) as string });
  });

  it('that would grow without end is not unzipped to its end', () => {
    const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024));
    expect(readBillFile(bomb, description, 1024 * 1024)).toEqual({ problem: 'the file cannot be unzipped, or is too long' });
  });

  it('in another charset is not taken', () => {
    const bytes = Buffer.from([0xff, 0xfe]);
    const described = { hashType: 'SHA1', hashValue: createHash('sha1').update(bytes).digest('hex'), compressed: false };
    expect(readBillFile(bytes, described)).toEqual({ problem: 'the file is not UTF-8' });
  });
});
