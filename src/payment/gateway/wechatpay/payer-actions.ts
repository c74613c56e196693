import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../../kernel/clock.js';
import type { PayerAction } from '../gateway.js';
import { sign } from '../rsa.js';
import { nonce } from './client.js';
import { textIn, type Fields } from './fields.js';
import type { WechatpayMethod } from './requests.js';
import { invocationContent } from './signing.js';

/** What the payer's client is handed to start the payment with, in the words of each client. */
export class PayerActions {
  constructor(
    private readonly account: { readonly appId: string; readonly mchId: string; readonly privateKey: KeyObject },
    private readonly clock: Clock,
  ) {}

  /** Undefined where the answer has not what the method needs. `returnUrl` is for a phone's browser, which comes back. */
  async from(answer: Fields, method: WechatpayMethod, returnUrl?: string): Promise<PayerAction | undefined> {
    const prepayId = textIn(answer, 'prepay_id');
    const codeUrl = textIn(answer, 'code_url');
    const h5Url = textIn(answer, 'h5_url');
    switch (method) {
      case 'native':
        return codeUrl === undefined ? undefined : { type: 'qr_code', codeUrl };
      case 'h5':
        return h5Url === undefined || !/^https?:\/\//.test(h5Url) ? undefined : { type: 'redirect', url: withReturn(h5Url, returnUrl) };
      case 'jsapi':
        return prepayId === undefined ? undefined : { type: 'sdk', params: await this.forBridge(prepayId) };
      case 'app':
        return prepayId === undefined ? undefined : { type: 'sdk', params: await this.forApp(prepayId) };
    }
  }

  /** For `WeixinJSBridge` and `wx.requestPayment`. `signType` is sent and not signed. Source: WeChat Pay, 4012365341. */
  private async forBridge(prepayId: string): Promise<Readonly<Record<string, string>>> {
    const { appId } = this.account;
    const timeStamp = this.seconds();
    const nonceStr = nonce();
    const prepay = `prepay_id=${prepayId}`;
    const paySign = await this.sign(invocationContent(appId, timeStamp, nonceStr, prepay));
    return { appId, timeStamp, nonceStr, package: prepay, signType: 'RSA', paySign };
  }

  /** For the SDK of a phone's app, whose names are all in lower case. Source: WeChat Pay, 4012365339 to 4012365341. */
  private async forApp(prepayid: string): Promise<Readonly<Record<string, string>>> {
    const { appId: appid, mchId: partnerid } = this.account;
    const timestamp = this.seconds();
    const noncestr = nonce();
    const signature = await this.sign(invocationContent(appid, timestamp, noncestr, prepayid));
    return { appid, partnerid, prepayid, package: 'Sign=WXPay', noncestr, timestamp, sign: signature };
  }

  private sign(content: string): Promise<string> {
    return sign(content, this.account.privateKey);
  }

  private seconds(): string {
    return String(Math.floor(this.clock.now().getTime() / 1000));
  }
}

/** `redirect_url` is the only thing that may be added to the address. Source: WeChat Pay, documents under "orders". */
function withReturn(h5Url: string, returnUrl: string | undefined): string {
  if (returnUrl === undefined) return h5Url;
  return `${h5Url}${h5Url.includes('?') ? '&' : '?'}redirect_url=${encodeURIComponent(returnUrl)}`;
}
