import { createPrivateKey, randomBytes, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';

import type { GatewayRole } from './job.js';

/** Signatures that are made at the same time: enough to keep the thread pool busy. */
const AT_ONCE = 64;

/** Alipay's side of the conversation. Sources: docs/gateways/alipay.md. */
export class Alipay {
  private readonly key: KeyObject;
  private readonly run = String(randomBytes(4).readUInt32LE()).padStart(10, '0');
  private count = 0;

  constructor(private readonly role: GatewayRole) {
    this.key = createPrivateKey(readFileSync(role.privateKeyFile));
  }

  /** A notice that each of them was paid: the bodies, in their order. */
  async notices(trades: readonly { readonly outTradeNo: string; readonly amount: number }[]): Promise<string[]> {
    const bodies: string[] = [];
    for (let from = 0; from < trades.length; from += AT_ONCE) {
      bodies.push(...(await Promise.all(trades.slice(from, from + AT_ONCE).map((trade) => this.notice(trade)))));
    }
    return bodies;
  }

  /** RSA2: SHA-256 with RSA, PKCS#1 v1.5. Made on the thread pool. */
  signature(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      sign('RSA-SHA256', Buffer.from(text), this.key, (error, signature) => {
        if (error) reject(error);
        else resolve(signature.toString('base64'));
      });
    });
  }

  private async notice({ outTradeNo, amount }: { outTradeNo: string; amount: number }): Promise<string> {
    this.count += 1;
    const now = beijingTime(new Date());
    const total = yuan(amount);
    const fields: Record<string, string> = {
      app_id: this.role.appId,
      auth_app_id: this.role.appId,
      buyer_id: '2088000000000001',
      buyer_logon_id: 'pay***@example.com',
      buyer_pay_amount: total,
      charset: 'utf-8',
      fund_bill_list: `[{"amount":"${total}","fundChannel":"ALIPAYACCOUNT"}]`,
      gmt_create: now,
      gmt_payment: now,
      invoice_amount: total,
      notify_id: `${now.slice(0, 10).replaceAll('-', '')}${this.run}${this.count}`,
      notify_time: now,
      notify_type: 'trade_status_sync',
      out_trade_no: outTradeNo,
      point_amount: '0.00',
      receipt_amount: total,
      seller_email: 'seller@example.com',
      seller_id: this.role.sellerId,
      subject: '订单',
      total_amount: total,
      trade_no: `${now.slice(0, 10).replaceAll('-', '')}${this.run}${String(this.count).padStart(10, '0')}`,
      trade_status: 'TRADE_SUCCESS',
      version: '1.0',
    };
    // They stand in the order of their names already, which is the order in which they are signed; `sign_type` is not.
    const text = Object.entries(fields)
      .map(([name, value]) => `${name}=${value}`)
      .join('&');
    return new URLSearchParams({ ...fields, sign_type: 'RSA2', sign: await this.signature(text) }).toString();
  }
}

export function yuan(fen: number): string {
  const digits = String(fen).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

const BEIJING = 8 * 60 * 60 * 1000;

export function beijingTime(at: Date): string {
  return new Date(at.getTime() + BEIJING).toISOString().slice(0, 19).replace('T', ' ');
}
