/** What payments need to know about where the program is reached. */
export class PaymentSettings {
  constructor(
    /** The origin that gateways call back, such as `https://pay.example.com`. */
    readonly publicUrl: string,
  ) {}

  /** Where a gateway sends its notices. */
  callbackUrl(gateway: string, topic: 'payments' | 'refunds'): string {
    return `${this.publicUrl}/v1/callbacks/${gateway}/${topic}`;
  }
}
