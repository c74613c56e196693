import { decryptContent, encryptContent } from '../../../src/payment/gateway/alipay/content-encryption.js';
import { restAnswerContent, restAnswerFlaw, restAuthString, restRequestContent } from '../../../src/payment/gateway/alipay/rest-signing.js';
import { alipays, APP_ID, NOW, rsa2 } from './support.js';

describe('The signing of version 3', () => {
  const request = { method: 'GET', uri: '/v3/alipay/data/dataservice/bill/downloadurl/query?bill_date=2026-01-04', body: '' } as const;

  it('puts a certificate and a token where they belong', () => {
    const authString = restAuthString(APP_ID, 'n', NOW, 'sn');
    expect(authString).toBe(`app_id=${APP_ID},app_cert_sn=sn,nonce=n,timestamp=${NOW.getTime()}`);
    expect(restRequestContent(authString, request)).toBe(`${authString}\nGET\n${request.uri}\n\n`);
    expect(restRequestContent(authString, { ...request, appAuthToken: '' })).toBe(`${authString}\nGET\n${request.uri}\n\n`);
    expect(restRequestContent(authString, { ...request, appAuthToken: 't' })).toBe(`${authString}\nGET\n${request.uri}\n\nt\n`);
  });

  it('says what is wrong with an answer', async () => {
    const unsigned = { timestamp: '1', nonce: 'n', body: '{}' };
    const answer = { ...unsigned, signature: rsa2(restAnswerContent({ ...unsigned, signature: '' }).toString(), alipays.privateKey) };
    expect(await restAnswerFlaw(answer, alipays.publicKey)).toBeUndefined();
    expect(await restAnswerFlaw({ ...answer, body: '{ }' }, alipays.publicKey)).toBe('the signature does not fit');
    expect(await restAnswerFlaw({ ...answer, nonce: '' }, alipays.publicKey)).toBe('alipay-nonce is missing');
    expect(await restAnswerFlaw({ ...answer, signature: '' }, alipays.publicKey)).toBe('alipay-signature is missing');
  });
});

describe('Content that is encrypted', () => {
  it.each([16, 24, 32])('comes back with a key of %i bytes, and not with another', (length) => {
    const key = Buffer.alloc(length, 7);
    const text = '{"phone":"138****0000","姓名":"张三"}';
    expect(decryptContent(encryptContent(text, key), key)).toBe(text);
    for (const other of [Buffer.alloc(length, 8), Buffer.alloc(5)]) expect(decryptContent(encryptContent(text, key), other)).not.toBe(text);
    for (const ciphertext of ['', 'AAAA', '!', 'x'.repeat(1_000)]) expect(decryptContent(ciphertext, key)).toBeUndefined();
  });
});
