import { ALIPAY_ACCOUNT } from '../../../src/payment/gateway/alipay/settings.js';
import { SettingProblem, type SettingFields } from '../../../src/payment/gateway/settings.js';
import { authorities, type Authorities } from './certificates.js';
import { alipays, APP_ID, ours, SELLER_ID } from './support.js';

const pem = (key: typeof ours.publicKey) => key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString();

const account = { gatewayUrl: 'https://openapi.alipay.com/gateway.do', appId: APP_ID, sellerId: SELLER_ID };
const publicKeyMode = { ...account, privateKey: pem(ours.privateKey), alipayPublicKey: pem(alipays.publicKey) };

function problemOf(fields: SettingFields): { readonly field: string; readonly problem: string } {
  try {
    ALIPAY_ACCOUNT.read(fields);
  } catch (error) {
    if (error instanceof SettingProblem) return error;
    throw error;
  }
  return { field: '', problem: '' };
}

describe('The settings of an application at Alipay', () => {
  let all: Authorities;
  let certificateMode: Record<string, string>;
  beforeAll(async () => {
    all = await authorities();
    certificateMode = {
      ...account,
      privateKey: pem(all.app.privateKey),
      appCertificate: all.app.pem,
      alipayCertificate: `${all.alipay.pem}\n${all.class2.pem}`,
      rootCertificates: `${all.elliptic.pem}\n${all.root.pem}`,
    };
  });

  it('are read in public-key mode', () => {
    const settings = ALIPAY_ACCOUNT.read({ ...publicKeyMode, appCertificate: ' ', rootCertificates: '' });
    expect(settings).toMatchObject(account);
    expect(settings.certificates).toBeUndefined();
    expect(settings.alipayPublicKey?.equals(alipays.publicKey)).toBe(true);
    expect(settings.privateKey.equals(ours.privateKey)).toBe(true);
    expect(ALIPAY_ACCOUNT.identity(settings)).toBe(APP_ID);
  });

  it('are read in certificate mode, chains and bundles whole', () => {
    const { certificates, alipayPublicKey } = ALIPAY_ACCOUNT.read(certificateMode);
    expect(alipayPublicKey).toBeUndefined();
    expect(certificates?.app.raw).toEqual(all.app.certificate.raw);
    expect(certificates?.alipay.map(({ raw }) => raw)).toEqual([all.alipay.certificate.raw, all.class2.certificate.raw]);
    expect(certificates?.roots).toHaveLength(2);
  });

  it('are described for a reader, and of the secrets it is said that they are', () => {
    expect(ALIPAY_ACCOUNT.fields.filter(({ secret }) => secret).map(({ name }) => name)).toEqual(['privateKey']);
    expect(ALIPAY_ACCOUNT.fields.map(({ setting }) => setting)).toEqual([
      'ALIPAY_GATEWAY_URL',
      'ALIPAY_APP_ID',
      'ALIPAY_SELLER_ID',
      'ALIPAY_PRIVATE_KEY_FILE',
      'ALIPAY_PUBLIC_KEY_FILE',
      'ALIPAY_APP_CERT_FILE',
      'ALIPAY_CERT_FILE',
      'ALIPAY_ROOT_CERT_FILE',
    ]);
  });

  it.each<[string, string, string | undefined, string]>([
    ['gatewayUrl', 'missing', undefined, 'is missing'],
    ['gatewayUrl', 'with a query', `${account.gatewayUrl}?charset=utf-8`, 'must have no query and no fragment'],
    ['gatewayUrl', 'of another protocol', 'ftp://openapi.alipay.com/gateway.do', 'must be an address'],
    ['appId', 'of letters', 'my-app', 'must be the digits of your app'],
    ['sellerId', 'too short', '2088', 'must be the digits of your account'],
    ['privateKey', 'that is public', pem(ours.publicKey), 'private key'],
    ['alipayPublicKey', 'missing', undefined, 'is missing'],
    ['alipayPublicKey', 'that is private', pem(ours.privateKey), 'public key'],
    ['alipayPublicKey', "that is the app's own", pem(ours.publicKey), "is the app's own public key"],
  ])('are refused with a %s %s', (field, _, value, words) => {
    const { problem, ...found } = problemOf({ ...publicKeyMode, [field]: value });
    expect(found.field).toBe(field);
    expect(problem).toContain(words);
    expect(problem).not.toContain('\n');
  });

  it('are refused with certificates that are missing, mixed up or of somebody else', () => {
    const cases: [string, string | undefined, string][] = [
      ['appCertificate', undefined, 'is missing'],
      ['alipayCertificate', '', 'is missing'],
      ['rootCertificates', undefined, 'is missing'],
      ['appCertificate', all.alipay.pem, "is not of the app's private key"],
      ['alipayCertificate', all.app.pem, "is the app's own certificate"],
      ['alipayCertificate', all.elliptic.pem, 'must hold an RSA key'],
      ['rootCertificates', all.elliptic.pem, 'holds no root that is signed with RSA'],
      ['rootCertificates', pem(alipays.publicKey), 'is not a PEM text with a certificate'],
      ['rootCertificates', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'cannot be read'],
      ['alipayPublicKey', pem(alipays.publicKey), 'must be left out where certificates are given'],
    ];
    for (const [field, value, words] of cases) {
      const { problem, ...found } = problemOf({ ...certificateMode, [field]: value });
      expect([found.field, problem]).toEqual([field, expect.stringContaining(words)]);
      expect(problem).not.toContain('\n');
    }
  });
});
