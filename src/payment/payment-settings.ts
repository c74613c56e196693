/** What payments need to know about where the program is reached. */
export class PaymentSettings {
  private origin: string;

  /** `publicUrl` is the origin that gateways call back, such as `https://pay.example.com`. Production takes no account of the simulator. */
  constructor(
    publicUrl: string,
    readonly production = false,
  ) {
    this.origin = publicUrl;
  }

  /** Where nobody said how the program is reached, it is where it listens, which is known only once it does. */
  reachedAt(publicUrl: string): void {
    this.origin = publicUrl;
  }

  /** Where a gateway sends its notices. */
  callbackUrl(gateway: string, topic: 'payments' | 'refunds'): string {
    return `${this.origin}/v1/callbacks/${gateway}/${topic}`;
  }
}
