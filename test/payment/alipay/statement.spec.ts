import { readFileSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';
import { money } from '../../../src/kernel/money.js';
import { readArchive } from '../../../src/payment/gateway/archive.js';
import { readStatement, readStatements, type Statement } from '../../../src/payment/gateway/alipay/statement.js';

const [vector] = (
  JSON.parse(readFileSync('test/vectors/alipay/alipay.bill.json', 'utf8')) as { vectors: { inputs: { gbkBase64: string } }[] }
).vectors;
const genuine = Buffer.from(vector?.inputs.gbkBase64 ?? '', 'base64');

/** In latin1 a byte is a character: the GBK around what is changed stays as it is. */
const changed = (from: string | RegExp, to: string): Buffer => Buffer.from(genuine.toString('latin1').replace(from, to), 'latin1');

function read(bytes: Buffer): Statement {
  const statement = readStatement(bytes);
  if (typeof statement === 'string') throw new Error(statement);
  return statement;
}

describe("Alipay's statement of a day", () => {
  it('becomes typed rows, money in fen and time in UTC', () => {
    const [payment, refund] = read(genuine).rows;
    expect(payment).toMatchObject({
      kind: 'payment',
      tradeNo: '2019091622001458860515315453',
      outTradeNo: 'service_1568601259302',
      completedAt: new Date('2019-09-16T02:55:23Z'),
      amount: money(1),
      received: money(1),
      fee: money(0),
    });
    expect(payment).not.toHaveProperty('refundNo');
    expect(refund).toMatchObject({ kind: 'refund', tradeNo: payment?.tradeNo, refundNo: 're_test_1568602607356', amount: money(-1) });
    expect(payment?.cells.get('操作员')).toBe('alipay');
  });

  it('is read by the names of its columns, wherever they stand, and with any line ends', () => {
    const swapped = genuine
      .toString('latin1')
      .split('\n')
      .map((line) => (line.startsWith('#') || line === '' ? line : line.split(',').reverse().join(',')))
      .join('\r\n');
    const { rows, columns, consistent, payments, refunds } = read(Buffer.from(swapped, 'latin1'));
    expect([columns[0], consistent]).toEqual(['备注', true]);
    expect(rows.map(({ amount }) => amount)).toEqual(read(genuine).rows.map(({ amount }) => amount));
    expect([payments, refunds]).toEqual([
      { count: 6, received: money(6) },
      { count: 4, received: money(-4) },
    ]);
  });

  it.each<[string, RegExp, string, string]>([
    ['a comma in a subject', /service_1568601259302\t/, 'a,b\t', 'has 26 cells under 25 columns'],
    ['a cell that is missing', /,service_1568601259302\t/, '', 'has 24 cells under 25 columns'],
    ['a kind that nobody knows', /\t,\xbd\xbb\xd2\xd7\t/, '\t,\xcd\xcb\xbb\xd8\t', 'is neither a payment nor a refund'],
    ['no trade number', /2019091622001458860515315453\t/, '\t', 'lacks the number of its trade'],
    ['no time', /2019-09-16 10:55:23/, '2019-09-16', 'has no time that can be read'],
    ['three decimals', /,0\.01,0\.01,/, ',0.010,0.01,', 'has an amount that cannot be read'],
    ['no amount', /,0\.01,0\.01,/, ',,0.01,', 'has an amount that cannot be read'],
    ['a payment below zero', /,0\.01,0\.01,/, ',-0.01,-0.01,', 'has an amount of the wrong sign'],
    ['a refund above zero', /,-0\.01,-0\.01,/, ',0.01,-0.01,', 'has an amount of the wrong sign'],
  ])('sets a line with %s aside, for a person to look at', (_, from, to, problem) => {
    const { rows, odd, consistent } = read(changed(from, to));
    expect(odd).toMatchObject([{ problem }]);
    expect(odd[0]?.line).toBeGreaterThan(5);
    expect([rows.length, consistent]).toEqual([9, false]);
  });

  it('that does not come to what it says is not consistent', () => {
    const wrong = [
      changed(/,0\.01,0\.01,/, ',0.01,0.02,'),
      changed('6\xb1\xca', '7\xb1\xca'),
      changed(/\n2019091622001458860517860493.*\n/, '\n'),
      genuine.subarray(0, genuine.indexOf(Buffer.from('#', 'latin1'), 2_500)),
    ];
    for (const bytes of wrong) expect(read(bytes)).toMatchObject({ odd: [], consistent: false });
    expect(read(genuine.subarray(0, genuine.indexOf(Buffer.from('#', 'latin1'), 2_500))).stated).toEqual({});
  });

  it('that lacks a column, has it twice, or is no statement is none', () => {
    expect(readStatement(changed(/\xb6\xa9\xb5\xa5\xbd\xf0\xb6\xee/, 'X'))).toContain('订单金额（元）');
    expect(readStatement(changed(/,\xb1\xb8\xd7\xa2\n/, ',\xd2\xb5\xce\xf1\xc0\xe0\xd0\xcd\n'))).toContain('业务类型');
    expect(readStatement(Buffer.alloc(0))).toContain('支付宝交易号');
    expect(readStatement(Buffer.from([0xff, 0xff]))).toBe('the statement is not in GBK');
  });
});

interface Packed {
  readonly name: string | Buffer;
  readonly bytes: Buffer;
  readonly flags?: number;
  readonly method?: number;
  readonly size?: number;
  readonly crc?: number;
}

/** A ZIP archive, as honest as the test wants it. */
function zipOf(...entries: readonly Packed[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, flags = 0, method = 8, size = bytes.length, crc = crc32(bytes) } of entries) {
    const label = Buffer.from(name);
    const packed = method === 8 ? deflateRawSync(bytes) : bytes;
    const common = Buffer.alloc(26);
    [20, flags, method, 0, 0].forEach((value, index) => common.writeUInt16LE(value, index * 2));
    [crc, packed.length, size].forEach((value, index) => common.writeUInt32LE(value, 10 + index * 4));
    common.writeUInt16LE(label.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    locals.push(Buffer.from('PK\x03\x04'), common, label, packed);
    centrals.push(Buffer.from('PK\x01\x02\x14\x00'), common, place, label);
    at += 30 + label.length + packed.length;
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  [entries.length, entries.length].forEach((value, index) => end.writeUInt16LE(value, 8 + index * 2));
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, central, end]);
}

describe('The archive of a statement', () => {
  const utf8 = 0x800;
  const detail = { name: '2088_20190916_业务明细.csv', bytes: genuine, flags: utf8 };

  it('is unpacked, several files of a large statement too, whether packed or stored', async () => {
    const summary = { name: '2088_20190916_业务明细(汇总).csv', bytes: Buffer.from('#'), flags: utf8 };
    const second = { ...detail, name: '2088_20190916_业务明细_2.csv', method: 0 };
    const statements = await readStatements(zipOf(detail, summary, second));
    expect(statements).toMatchObject([{ consistent: true }, { consistent: true }]);
    expect(await readStatements(zipOf(summary))).toBe('the archive has no detailed statement');
    expect(await readStatements(zipOf({ ...detail, bytes: Buffer.from('#') }))).toContain('支付宝交易号');
  });

  it.each<[string, Buffer, string]>([
    ['whose names climb out of their folder', zipOf({ ...detail, name: '../../etc/cron.d/x' }), 'the name of an entry is a path'],
    ['whose names climb out in the way of Windows', zipOf({ ...detail, name: '..\\x' }), 'the name of an entry is a path'],
    ['whose name is the folder above', zipOf({ ...detail, name: '..' }), 'the name of an entry is a path'],
    ['whose name is empty', zipOf({ ...detail, name: '' }), 'the name of an entry is a path'],
    ['that is encrypted', zipOf({ ...detail, flags: utf8 | 1 }), 'an entry is encrypted'],
    ['that holds more than it says', zipOf({ ...detail, size: 10 }), 'the archive is damaged'],
    ['that holds less than it says', zipOf({ ...detail, size: genuine.length + 1 }), 'the archive is damaged'],
    ['that says it holds gigabytes', zipOf({ ...detail, size: 0xfffffff0 }), 'the archive holds too much'],
    ['whose checksum does not fit', zipOf({ ...detail, crc: 1 }), 'the archive is damaged'],
    ['packed in another way', zipOf({ ...detail, method: 12 }), 'the archive is damaged'],
    ['of a hundred files', zipOf(...Array.from({ length: 100 }, () => ({ ...detail, bytes: Buffer.alloc(0) }))), 'too many entries'],
    ['that is none', genuine, 'it is no ZIP archive'],
    ['of nothing', Buffer.alloc(0), 'it is no ZIP archive'],
  ])('%s is refused', async (_, zip, problem) => {
    expect(await readArchive(zip)).toContain(problem);
  });

  it('that would fill the memory is refused before it does', async () => {
    const bomb = { ...detail, bytes: Buffer.alloc(4 * 1024 * 1024) };
    expect(await readArchive(zipOf(bomb, bomb), 6 * 1024 * 1024)).toBe('the archive holds too much');
    expect(await readArchive(zipOf({ ...bomb, size: 100 }), 1_000)).toBe('the archive is damaged');
  });

  it('that was damaged anywhere never throws and never gives other bytes', async () => {
    const zip = zipOf(detail);
    for (let at = 0; at < zip.length; at += 7) {
      const bytes = Buffer.from(zip);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0x55, at);
      const entries = await readArchive(bytes);
      if (typeof entries !== 'string') for (const entry of entries) expect(entry.bytes).toEqual(genuine);
      expect(typeof (await readArchive(zip.subarray(0, at)))).toBe('string');
    }
  });
});
