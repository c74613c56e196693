import type { GatewayName } from '../../src/payment/gateway/gateway.js';

/** What a verification, or a comparison of signatures, came to. */
export interface Finding {
  readonly gateway: GatewayName;
  /** What the input was taken for, such as `a notice in a form`. */
  readonly readAs: string;
  readonly verified: boolean;
  /** The check that failed, in one word, and what it says for a person; undefined where all passed. */
  readonly reason?: string;
  readonly detail?: string;
  /** Why it failed, as far as that can be found out. */
  readonly cause?: string;
  /** The bytes that the signature is over; undefined where it did not get so far. */
  readonly content?: Buffer;
  /** The key that the signature fits. */
  readonly key?: string;
  /** What else is worth knowing, by its title. */
  readonly more?: Readonly<Record<string, string>>;
  readonly remarks: readonly string[];
  /** What the program would take a genuine notice for. */
  readonly notice?: object;
}

export type Failure = Pick<Finding, 'reason' | 'detail' | 'cause'>;
