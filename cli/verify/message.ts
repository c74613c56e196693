import type { KeyObject } from 'node:crypto';

import type { Headers } from '../input/headers.js';

/** What is to be verified, as it came. */
export interface Message {
  readonly headers: Headers | undefined;
  readonly body: Buffer;
  /** The clock to judge by. */
  readonly at: Date;
  /** It is said to be an answer to a call of ours, and not a notice. */
  readonly isAnswer: boolean;
}

/** Our own public key at a gateway, which is often taken for the gateway's. */
export type OwnKey = KeyObject | undefined;
