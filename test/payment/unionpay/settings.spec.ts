import { X509Certificate } from 'node:crypto';
import { SettingProblem } from '../../../src/payment/gateway/settings.js';
import { UNIONPAY_ACCOUNT } from '../../../src/payment/gateway/unionpay/settings.js';
import { acceptedNames } from '../../../src/payment/gateway/unionpay/verification.js';
import { authority, type Authority } from './authority.js';
import { accountFields, MER_ID } from './support.js';

describe("A UnionPay account's settings", () => {
  let world: Authority;
  beforeAll(async () => void (world = await authority()));

  const problemOf = (changes: Record<string, string | undefined>): SettingProblem => {
    try {
      UNIONPAY_ACCOUNT.read({ ...accountFields(world), ...changes });
    } catch (error) {
      if (error instanceof SettingProblem) return error;
      throw error;
    }
    throw new Error('no problem was found');
  };

  it('are read, and the certificate names itself in decimal', () => {
    const settings = UNIONPAY_ACCOUNT.read(accountFields(world, 'https://gateway.test.95516.com/'));
    expect(settings).toMatchObject({ gatewayUrl: 'https://gateway.test.95516.com', merId: MER_ID, certId: String(0x1002653215) });
    expect(UNIONPAY_ACCOUNT.identity(settings)).toBe(MER_ID);
  });

  it('find the certificate of the key among those of the authorities, in any order and with words between', () => {
    const bundle = [
      'Bag Attributes',
      world.root.certificate,
      world.middle.certificate,
      world.merchant.certificate,
      'key',
      world.merchant.privateKey,
    ];
    const { certId } = UNIONPAY_ACCOUNT.read({ ...accountFields(world), certificate: bundle.join('\n') });
    expect(certId).toBe(String(0x1002653215));
  });

  it.each<[string, (world: Authority) => Record<string, string | undefined>, string]>([
    ['no address', () => ({ gatewayUrl: undefined }), 'gatewayUrl is missing'],
    ['an address with a path', () => ({ gatewayUrl: 'https://gateway.95516.com/gateway/api' }), 'gatewayUrl must be an origin'],
    ['no merchant', () => ({ merId: ' ' }), 'merId is missing'],
    ['a merchant that is too short', () => ({ merId: '77729005811004' }), 'merId must be the 15'],
    ['no certificate', () => ({ certificate: undefined }), 'certificate is missing'],
    [
      'a key without a certificate',
      ({ merchant }) => ({ certificate: merchant.privateKey }),
      'certificate is not a PEM text with a certificate',
    ],
    [
      'a certificate without a key',
      ({ merchant }) => ({ certificate: merchant.certificate }),
      'certificate is not a PEM text with a private key',
    ],
    [
      "another merchant's certificate",
      ({ merchant, forger }) => ({ certificate: merchant.privateKey + forger.certificate }),
      'certificate holds a private key and a certificate that do not belong together',
    ],
    ['a root that is none', ({ unionpay }) => ({ rootCertificate: unionpay.certificate }), 'rootCertificate is no root certificate'],
    ['a root that others issued', ({ middle }) => ({ rootCertificate: middle.certificate }), 'rootCertificate is no root certificate'],
    [
      'a root that is no authority',
      ({ selfSigned }) => ({ rootCertificate: selfSigned.certificate }),
      'rootCertificate is no root certificate',
    ],
    [
      'another root of the same name',
      (w) => ({ rootCertificate: w.strangersRoot.certificate }),
      'middleCertificate is not the certificate',
    ],
    [
      'a middle that is no authority',
      ({ unionpay }) => ({ middleCertificate: unionpay.certificate }),
      'middleCertificate is not the certificate',
    ],
    ['the root twice', ({ root }) => ({ middleCertificate: root.certificate }), 'middleCertificate is the root certificate'],
    ['a middle that is no text of a certificate', () => ({ middleCertificate: 'CFCA' }), 'middleCertificate is not a PEM text'],
    [
      'a middle that cannot be read',
      () => ({ middleCertificate: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----' }),
      'middleCertificate holds a certificate that cannot be read',
    ],
  ])('are refused with %s', (_, changes, message) => {
    expect(problemOf(changes(world)).message).toContain(message);
  });

  it('refuse a file made of a PFX that is still encrypted, and repeat none of it', () => {
    const canary = 'CANARYCANARYCANARY';
    const encrypted = `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${canary}\n-----END ENCRYPTED PRIVATE KEY-----\n${world.merchant.certificate}`;
    expect(problemOf({ certificate: encrypted }).message).toBe('certificate is not a PEM text with a private key');
    const broken = `-----BEGIN PRIVATE KEY-----\n${canary}\n-----END PRIVATE KEY-----\n${world.merchant.certificate}`;
    expect(problemOf({ certificate: broken }).message).toBe('certificate holds a private key that cannot be read');
  });

  it('say which of them are secret, and how the environment names them', () => {
    expect(UNIONPAY_ACCOUNT.fields.map(({ name, setting, secret }) => [name, setting, secret])).toEqual([
      ['gatewayUrl', 'UNIONPAY_GATEWAY_URL', false],
      ['merId', 'UNIONPAY_MER_ID', false],
      ['certificate', 'UNIONPAY_CERT_FILE', true],
      ['rootCertificate', 'UNIONPAY_ROOT_CERT_FILE', false],
      ['middleCertificate', 'UNIONPAY_MIDDLE_CERT_FILE', false],
    ]);
  });

  it('take the name of the test environment nowhere but there', () => {
    const names = ['中国银联股份有限公司'];
    expect(acceptedNames('https://gateway.test.95516.com')).toEqual([...names, '00040000:SIGN']);
    for (const url of ['https://gateway.95516.com', 'http://127.0.0.1:4000', 'https://gateway.test.95516.com.example.com']) {
      expect(acceptedNames(url)).toEqual(names);
    }
    expect(new X509Certificate(world.tester.certificate).subject).toContain('00040000:SIGN');
  });
});
