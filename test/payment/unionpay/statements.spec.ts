import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync, deflateSync } from 'node:zlib';
import { readArchive } from '../../../src/payment/gateway/archive.js';
import { decodeFileContent } from '../../../src/payment/gateway/unionpay/file-content.js';
import { readErrorFile, readSettlementFile, settlementDateOf } from '../../../src/payment/gateway/unionpay/settlement-file.js';
import { readSettlementReport } from '../../../src/payment/gateway/unionpay/settlement-report.js';

interface Entry {
  readonly name: string;
  readonly content: Buffer;
  readonly method?: number;
  readonly flags?: number;
  /** What the directory claims, where it lies. */
  readonly length?: number;
  readonly crc?: number;
}

/** A ZIP archive by the book (APPNOTE.TXT), or by the book but for what a test says. */
function zip(entries: readonly Entry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, method = 8, flags = 0, length = content.length, crc = crc32(content) } of entries) {
    const packed = method === 8 ? deflateRawSync(content) : content;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc, 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('504b0304', 'hex'), common, Buffer.from(name, 'latin1'), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('504b01021400', 'hex'), common, tail, Buffer.from(name, 'latin1')]));
    locals.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(22);
  end.write('504b0506', 0, 'hex');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

const vectorOf = (kind: string) => {
  const file = join(process.cwd(), 'test/vectors/unionpay', `${kind}.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { vectors: { inputs: Record<string, string> }[] }).vectors[0]?.inputs ?? {};
};
const zm = vectorOf('unionpay.bill-zm')['text'] ?? '';
const rd = Buffer.from(vectorOf('unionpay.bill-rd')['gbkBase64'] ?? '', 'base64');
const NAME = 'INN15090588ZM_802310048993424';

describe('The settlement files of UnionPay', () => {
  it('come deflated, in base64, as one archive of several files', async () => {
    const archive = zip([
      { name: NAME, content: Buffer.from(zm) },
      { name: 'RD201015090501_802310048993424', content: rd, method: 0 },
    ]);
    const content = decodeFileContent(deflateSync(archive).toString('base64'));
    const entries = await readArchive(content ?? Buffer.alloc(0));
    if (typeof entries === 'string') throw new Error(entries);
    const files = new Map(entries.map(({ name, bytes }) => [name, bytes]));
    expect([...files.keys()]).toEqual([NAME, 'RD201015090501_802310048993424']);
    const file = readSettlementFile(files.get(NAME)?.toString('latin1') ?? '', settlementDateOf(NAME) ?? '');
    expect(file).toMatchObject({ totals: { count: 4, amount: 580_500, fee: 3_483, settled: 577_017 } });
    expect(readSettlementReport(files.get('RD201015090501_802310048993424') ?? Buffer.alloc(0))).toMatchObject({ total: { count: 8 } });
  });

  it.each([
    ['no base64', '***'],
    ['base64 of something else', Buffer.from('hello').toString('base64')],
    ['nothing', ''],
  ])('are not in %s', (_, content) => expect(decodeFileContent(content)).toBeUndefined());

  it('unpack to no more than is allowed, however small they come', () => {
    const bomb = deflateSync(Buffer.alloc(1_000_000)).toString('base64');
    expect(decodeFileContent(bomb)).toHaveLength(1_000_000);
    expect(decodeFileContent(bomb, 999_999)).toBeUndefined();
  });

  const content = Buffer.from('content');
  it.each<[string, Buffer, string]>([
    ['no archive', Buffer.from('not a zip at all, but long enough to be one'), 'no ZIP archive'],
    ['nothing', Buffer.alloc(0), 'no ZIP archive'],
    ['half an archive', zip([{ name: 'a', content }]).subarray(40), 'damaged'],
    ['a name that leads elsewhere', zip([{ name: '../evil', content }]), 'name'],
    ['a name from the root', zip([{ name: '/evil', content }]), 'name'],
    ['a name of another system', zip([{ name: '..\\evil', content }]), 'name'],
    ['a hidden name', zip([{ name: '.evil', content }]), 'name'],
    [
      'a file twice',
      zip([
        { name: 'a', content },
        { name: 'a', content },
      ]),
      'twice',
    ],
    ['a file that is encrypted', zip([{ name: 'a', content, flags: 1 }]), 'encrypted'],
    ['a way of packing that nobody knows', zip([{ name: 'a', content, method: 12 }]), 'damaged'],
    ['a sum that differs', zip([{ name: 'a', content, crc: 1 }]), 'damaged'],
    ['a file that is longer than it says', zip([{ name: 'a', content, length: 3 }]), 'damaged'],
    ['a file that is shorter than it says', zip([{ name: 'a', content, length: 300 }]), 'damaged'],
    ['too many files', zip(Array.from({ length: 257 }, (_, at) => ({ name: `f${at}`, content }))), 'too many'],
  ])('are refused as %s', async (_, archive, reason) => {
    expect(await readArchive(archive)).toContain(reason);
  });

  it('unpack to no more than is allowed in all', async () => {
    const files = [1, 2, 3].map((at) => ({ name: `f${at}`, content: Buffer.alloc(400) }));
    expect(await readArchive(zip(files), 1_199)).toBe('the archive holds too much');
    expect(await readArchive(zip(files), 1_200)).toMatchObject(files.map(({ name }) => ({ name })));
  });

  it('never throw, whatever byte of an archive is another', async () => {
    const archive = zip([
      { name: 'a', content },
      { name: 'b', content, method: 0 },
    ]);
    for (let at = 0; at < archive.length; at += 1) {
      for (const value of [0x00, 0xff]) {
        const broken = Buffer.from(archive);
        broken[at] = value;
        await expect(readArchive(broken)).resolves.toBeDefined();
      }
    }
  });

  const first = zm.slice(0, 607);
  it.each<[string, string]>([
    ['a line that is moved by one', ` ${first}`],
    ['an amount with a point', first.replace('000000476800', '0000004768.0')],
    ['a month that there is not', first.replace('0906112203', '1306112203')],
    ['a fee that is neither debit nor credit', first.replace('D000000002861', 'X000000002861')],
    ['a fee on no side', first.replace('D000000002861', ' 000000002861')],
    ['no number', first.replace('201509061122031906248', ' '.repeat(21))],
    ['more than there are columns for', `${first}  x`],
  ])('are not read with %s', (_, line) => {
    expect(readSettlementFile(`${first}\r\n${line}\r\n`, '20150905')).toBe('line 2 cannot be read');
  });

  it('are not read under a date that is none', () => {
    expect(readSettlementFile(first, '20150931')).toBe('the settlement date is none');
    expect(settlementDateOf('evil')).toBeUndefined();
    expect(settlementDateOf('INN15090588ZME_802310048993424')).toBe('20150905');
  });

  it('take money that went back off the totals', () => {
    const back = first.replace('S56', 'S66').replace('D000000002861', 'C000000002861').replaceAll('C000000473939', 'D000000473939');
    const file = readSettlementFile(`${first}\n${first}\n${back}\n`, '20150905');
    expect(file).toMatchObject({ totals: { count: 3, amount: 476_800, fee: 2_861, settled: 473_939 } });
  });

  it('say no year, which the settlement date does, also at its turn', () => {
    const newYear = readSettlementFile(first.replace('0906112203', '1231235900'), '20160101');
    expect(newYear).toMatchObject({ rows: [{ at: new Date('2015-12-31T23:59:00+08:00') }] });
    const leapDay = readSettlementFile(first.replace('0906112203', '0229120000'), '20160229');
    expect(leapDay).toMatchObject({ rows: [{ at: new Date('2016-02-29T12:00:00+08:00') }] });
  });

  it('list what went wrong apart', () => {
    const widths = [3, 11, 11, 6, 10, 19, 12, 4, 2, 2, 6, 10, 4, 12, 13, 13, 15, 15, 1, 12, 2, 135];
    const values = new Map([
      [0, 'E74'],
      [3, '190624'],
      [4, '0906112203'],
      [5, '622609******0048'],
      [6, '000000476800'],
    ]);
    const line = widths.map((width, at) => (values.get(at) ?? '').padEnd(width)).join(' ');
    expect(readErrorFile(`${line}\r\n`, '20150905')).toEqual([
      { tradeCode: 'E74', traceNo: '190624', at: new Date('2015-09-06T11:22:03+08:00'), maskedCard: '622609******0048', amount: 476_800 },
    ]);
    expect(readErrorFile(first, '20150905')).toBe('line 1 cannot be read');
  });

  it('have a report whose totals agree', () => {
    const report = rd.toString('latin1');
    const last = report.lastIndexOf('13147.64');
    const differs = `${report.slice(0, last)}13147.65${report.slice(last + 8)}`;
    expect(readSettlementReport(Buffer.from(differs, 'latin1'))).toBe('the totals of the report differ');
    expect(readSettlementReport(Buffer.from(report.slice(0, 300), 'latin1'))).toBe('the report lacks its head or its total');
    expect(readSettlementReport(Buffer.from([0x81]))).toBe('the report is not in GBK');
  });
});
