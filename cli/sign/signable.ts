import type { KeyObject } from 'node:crypto';

import type { GatewayName } from '../../src/payment/gateway/gateway.js';
import type { Suspects } from '../diagnosis/suspects.js';

/** Something that is about to be signed with an RSA key. */
export interface Signable {
  readonly gateway: GatewayName;
  /** Such as `a request`. */
  readonly what: string;
  /** The string to sign, as the gateway's documents call it. */
  readonly content: Buffer;
  /** What RSA signs: the string itself, and at UnionPay its digest in hexadecimal. */
  readonly signed: Buffer;
  readonly more: Readonly<Record<string, string>>;
  readonly remarks: readonly string[];
  /** What is sent once it is signed, by its name. */
  complete(signature: string, key: KeyObject): Promise<Readonly<Record<string, string>>>;
  /** What others sign in its place, by mistake. */
  suspects(): Suspects;
}

/** A signature that was made, or could not be made without a key, and what it came to beside one that was expected. */
export interface Signing {
  readonly gateway: GatewayName;
  readonly what: string;
  readonly content: Buffer;
  readonly signature: string | undefined;
  readonly more: Readonly<Record<string, string>>;
  readonly remarks: readonly string[];
  readonly comparison: { readonly same: boolean; readonly cause?: string } | undefined;
}
