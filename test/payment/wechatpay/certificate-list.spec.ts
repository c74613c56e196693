import { createSecretKey } from 'node:crypto';

import { isValid, readCertificates, type CertificateList } from '../../../src/payment/gateway/wechatpay/certificates.js';
import { listed, platformCertificate, type Platform } from './certificates.js';
import { API_V3_KEY, NOW, sealed, signedHeaders, type Node, type Signer } from './support.js';

const BEFORE = new Date('2026-01-01T00:00:00.000Z');
const apiV3Key = createSecretKey(Buffer.from(API_V3_KEY));
const UNREADABLE: CertificateList = { kind: 'failed', cause: 'no certificate in the answer can be read with the API v3 key' };

describe('A list of certificates from WeChat Pay', () => {
  let first: Platform;
  let second: Platform;
  beforeAll(async () => {
    [first, second] = await Promise.all([platformCertificate(BEFORE), platformCertificate(BEFORE)]);
  });

  const read = (data: readonly Node[], signer: Signer) => {
    const body = Buffer.from(JSON.stringify({ data }));
    return readCertificates({ headers: signedHeaders(body, signer), body }, { apiV3Key }, NOW);
  };
  const serialsIn = (list: CertificateList) => (list.kind === 'certificates' ? list.certificates.map(({ serial }) => serial) : list);

  it('is read up to the 32nd', async () => {
    const many = (count: number) => Array.from({ length: count }, () => listed(first));
    expect(serialsIn(await read([...many(31), listed(second)], second))).toHaveLength(32);
    expect(await read([...many(32), listed(second)], second)).toEqual({
      kind: 'failed',
      cause: 'the list of certificates is not to be believed: wechatpay-serial is not among the certificates of the answer',
    });
  });

  it('is of no use where none of them can be read', async () => {
    for (const data of [[], [listed(first, 'x'.repeat(32))], [{ serial_no: first.serial }], [{ ...listed(first), serial_no: undefined }]])
      expect(await read(data, first)).toEqual(UNREADABLE);
  });

  it('may have certificates that are sealed without anything beside them', async () => {
    const { associated_data, ...bare } = sealed(first.pem, '');
    expect(associated_data).toBe('');
    expect(serialsIn(await read([{ ...listed(first), encrypt_certificate: bare }], first))).toEqual([first.serial]);
  });

  it('holds certificates that are named by their own number, as WeChat Pay writes it', async () => {
    const named = await platformCertificate(BEFORE, 2048, '5f00a0b0c0d0e0f012');
    const short = await platformCertificate(BEFORE, 2048, '0123456a');
    const under = async (one: Platform, serial_no: string) =>
      serialsIn(await read([{ ...listed(one), serial_no }], { ...one, serial: serial_no }));
    expect(await under(named, named.serial)).toEqual([named.serial]);
    expect(await under(named, `00${named.serial}`)).toEqual([`00${named.serial}`]);
    for (const serial of [named.serial.toLowerCase(), named.serial.replace('00', ''), `${named.serial}F0`, `${named.serial} `])
      expect(await under(named, serial)).toEqual(UNREADABLE);
    expect(await under(short, '0123456A')).toEqual(['0123456A']);
    expect(await under(short, '123456A')).toEqual(UNREADABLE);
    expect(await under(short, `${'0'.repeat(33)}123456A`)).toEqual([`${'0'.repeat(33)}123456A`]);
    expect(await under(short, `${'0'.repeat(34)}123456A`)).toEqual(UNREADABLE);
  });

  it('holds certificates that count from the first to the last of their seconds', async () => {
    const list = await read([listed(first)], first);
    const [one] = list.kind === 'certificates' ? list.certificates : [];
    if (one === undefined) throw new Error('the certificate was not read');
    expect(one.from).toEqual(BEFORE);
    const by = (time: Date, milliseconds: number) => new Date(time.getTime() + milliseconds);
    const times = [by(one.from, -1), one.from, one.until, by(one.until, 1)];
    expect(times.map((time) => isValid(one, time))).toEqual([false, true, true, false]);
  });
});
