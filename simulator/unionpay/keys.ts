import { issueCertificate, newKeyPair, type CertificateWish } from '../certificates.js';

/** The one merchant that the simulated UnionPay knows. Numbers of test merchants begin with 777. */
export const UNIONPAY_MER_ID = '777290000000001';

/**
 * Everything as PEM text. Private keys of the authorities are thrown away once they have signed: nobody needs a further certificate.
 *
 * `outside` claims the gateway's name but is signed by nobody we know; `otherMerchant` is of the same authority and of another name;
 * `expired` is the gateway's own key in a certificate that is past. They are for forgeries.
 */
export interface UnionPayKeys {
  readonly rootCertificate: string;
  readonly middleCertificate: string;
  readonly merchantCertificate: string; // Its private key and its certificate, one after the other.
  readonly gatewayPrivateKey: string;
  readonly gatewayCertificate: string;
  readonly expiredCertificate: string;
  readonly otherMerchantPrivateKey: string;
  readonly otherMerchantCertificate: string;
  readonly outsidePrivateKey: string;
  readonly outsideCertificate: string;
}

/** What a merchant's backend needs. `certificate` holds the private key as well. */
export interface UnionPayMerchant {
  readonly gatewayUrl: string; // An origin, to which a backend adds the path.
  readonly merId: string;
  readonly certificate: string;
  readonly rootCertificate: string;
  readonly middleCertificate: string;
}

// The third part is what a merchant checks. The numbers are those of UnionPay's own test certificate.
const GATEWAY = named('041@8310000000083040@中国银联股份有限公司@00016495');
const MERCHANT = named(`041@Z2020-01-01@${UNIONPAY_MER_ID}:SIGN@00000001`);
const OTHER_MERCHANT = named('041@Z2020-01-01@777290000000002:SIGN@00000002');
const ROOT = named('Suanpan Simulator Root CA');
const MIDDLE = named('Suanpan Simulator Signing CA');
const PAST = { validFrom: new Date('2015-01-01T00:00:00Z'), validUntil: new Date('2020-01-01T00:00:00Z') };

export async function generateUnionPayKeys(): Promise<UnionPayKeys> {
  const [rootKeys, middleKeys, falseMiddleKeys, ...leafKeys] = await Promise.all(Array.from({ length: 6 }, newKeyPair));
  const [merchantKeys, gatewayKeys, otherKeys] = leafKeys;
  const root = await issueCertificate({ ...ROOT, isAuthority: true, keys: rootKeys });
  const middle = await issueCertificate({ ...MIDDLE, isAuthority: true, issuer: root, keys: middleKeys });
  // Bears the name of the real one. Only the signature of what it issues can tell them apart.
  const falseMiddle = await issueCertificate({ ...MIDDLE, isAuthority: true, keys: falseMiddleKeys });
  const merchant = await issueCertificate({ ...MERCHANT, issuer: middle, keys: merchantKeys });
  const gateway = await issueCertificate({ ...GATEWAY, issuer: middle, keys: gatewayKeys });
  const expired = await issueCertificate({ ...GATEWAY, ...PAST, issuer: middle, keys: gatewayKeys });
  const otherMerchant = await issueCertificate({ ...OTHER_MERCHANT, issuer: middle, keys: otherKeys });
  const outside = await issueCertificate({ ...GATEWAY, issuer: falseMiddle, keys: falseMiddleKeys });
  return {
    rootCertificate: root.certificate,
    middleCertificate: middle.certificate,
    merchantCertificate: merchant.privateKey + merchant.certificate,
    gatewayPrivateKey: gateway.privateKey,
    gatewayCertificate: gateway.certificate,
    expiredCertificate: expired.certificate,
    otherMerchantPrivateKey: otherMerchant.privateKey,
    otherMerchantCertificate: otherMerchant.certificate,
    outsidePrivateKey: outside.privateKey,
    outsideCertificate: outside.certificate,
  };
}

export function unionPayMerchant(keys: UnionPayKeys, origin: string): UnionPayMerchant {
  return {
    gatewayUrl: origin,
    merId: UNIONPAY_MER_ID,
    certificate: keys.merchantCertificate,
    rootCertificate: keys.rootCertificate,
    middleCertificate: keys.middleCertificate,
  };
}

function named(commonName: string): Pick<CertificateWish, 'subject'> {
  return { subject: `CN=${commonName}, O=Suanpan Simulator, C=CN` };
}
