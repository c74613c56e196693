import { isPublicHost } from '../kernel/public-address.js';
import type { InnerHosts } from './gateway/settings.js';

/** What payments need to know about where the program is reached. */
export class PaymentSettings {
  private origin: string;

  /** `publicUrl` is the origin that gateways call back, such as `https://pay.example.com`. */
  constructor(
    publicUrl: string,
    /** Hosts within one's own network that may be called, or named to a payer. */
    readonly innerHosts: InnerHosts = 'any',
  ) {
    this.origin = publicUrl;
  }

  /** Where nobody said how the program is reached, it is where it listens, which is known only once it does. */
  reachedAt(publicUrl: string): void {
    this.origin = publicUrl;
  }

  /** Whether a payer may be sent to an address: one behind our walls would be reached with the payer's hands. */
  mayReturnTo(address: string): boolean {
    return this.innerHosts === 'any' || isPublicHost(new URL(address).hostname);
  }

  /** Where a gateway sends its notices. */
  callbackUrl(gateway: string, topic: 'payments' | 'refunds'): string {
    return `${this.origin}/v1/callbacks/${gateway}/${topic}`;
  }
}
