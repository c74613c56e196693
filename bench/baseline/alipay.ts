import { createCipheriv, createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The account at Alipay that the bare server has: the same as the program's. */
export interface AlipayAccount {
  readonly gatewayUrl: string;
  readonly appId: string;
  readonly sellerId: string;
  readonly privateKeyFile: string;
  readonly publicKeyFile: string;
}

const SHA256_RSA = 'RSA-SHA256';

/** The same cryptography as the program's, and no more: RSA-2048 with SHA-256, and AES-256-GCM for what is kept. */
export class AlipaySignatures {
  private readonly privateKey: KeyObject;
  private readonly publicKey: KeyObject;
  private readonly sealingKey = createHash('sha256').update('bench').digest();

  constructor(private readonly account: AlipayAccount) {
    this.privateKey = createPrivateKey(readFileSync(account.privateKeyFile));
    this.publicKey = createPublicKey(readFileSync(account.publicKeyFile));
  }

  /** The address that the payer is sent to. Signed on the thread pool, where the other cores help. */
  async page(order: {
    outTradeNo: string;
    total: string;
    subject: string;
    expires: string;
    now: string;
    notifyUrl: string;
    returnUrl?: string;
  }) {
    const content = {
      out_trade_no: order.outTradeNo,
      total_amount: order.total,
      subject: order.subject,
      product_code: 'FAST_INSTANT_TRADE_PAY',
      time_expire: order.expires,
    };
    // In the order of their names, which is the order in which they are signed.
    const fields: [string, string][] = [
      ['app_id', this.account.appId],
      ['biz_content', JSON.stringify(content)],
      ['charset', 'utf-8'],
      ['format', 'JSON'],
      ['method', 'alipay.trade.page.pay'],
      ['notify_url', order.notifyUrl],
      ...(order.returnUrl === undefined ? [] : [['return_url', order.returnUrl] satisfies [string, string]]),
      ['sign_type', 'RSA2'],
      ['timestamp', order.now],
      ['version', '1.0'],
    ];
    const text = fields.map(([name, value]) => `${name}=${value}`).join('&');
    const signature = await new Promise<Buffer>((resolve, reject) => {
      sign(SHA256_RSA, Buffer.from(text), this.privateKey, (error, made) => (error ? reject(error) : resolve(made)));
    });
    const query = fields.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
    return `${this.account.gatewayUrl}?${query}&sign=${encodeURIComponent(signature.toString('base64'))}`;
  }

  /** The fields of a notice that Alipay signed for us, or undefined. Verified at once: the thread pool costs more than it takes. */
  notice(body: string): URLSearchParams | undefined {
    const form = new URLSearchParams(body);
    const text = [...form]
      .filter(([name, value]) => name !== 'sign' && name !== 'sign_type' && value !== '')
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`)
      .join('&');
    const fits = verify(SHA256_RSA, Buffer.from(text), this.publicKey, Buffer.from(form.get('sign') ?? '', 'base64'));
    return fits && form.get('app_id') === this.account.appId && form.get('seller_id') === this.account.sellerId ? form : undefined;
  }

  seal(plain: string): Buffer {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.sealingKey, nonce);
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }
}
