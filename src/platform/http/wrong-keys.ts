import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';

import type { Caller } from '../../contracts/api-keys.port.js';
import { RateLimits, type Standing } from '../rate-limits/rate-limits.js';

/** As many keys as are known to be good; with more, it begins to learn them anew. */
const MOST_KEYS = 10_000;

/**
 * Addresses that show keys which are none. One that has shown too many in this minute is not listened to until the next, so guessing is
 * slow. A key that was good here before is still looked up: who shares an address with somebody that guesses is not shut out with him.
 */
@Injectable()
export class WrongKeys {
  private readonly callers = new Set<string>();
  private readonly goodKeys = new Set<string>();

  constructor(private readonly limits: RateLimits) {}

  /** Where the address stands if it is not to be listened to; undefined where the key may be looked up. */
  objection(address: string, secret: string | undefined, quota: number): Standing | undefined {
    const standing = this.limits.look(subjectOf(address), quota);
    if (standing === undefined || standing.allowed) return undefined;
    return secret !== undefined && this.goodKeys.has(fingerprint(secret)) ? undefined : standing;
  }

  /** Counts one more of the address. */
  count(address: string, quota: number): Promise<Standing> {
    return this.limits.take(subjectOf(address), quota);
  }

  remember({ apiKeyId }: Caller, secret: string): void {
    if (this.callers.has(apiKeyId)) return;
    if (this.callers.size >= MOST_KEYS) {
      this.callers.clear();
      this.goodKeys.clear();
    }
    this.callers.add(apiKeyId);
    this.goodKeys.add(fingerprint(secret));
  }
}

const subjectOf = (address: string): string => `address:${address}`;

/** What is kept here must not be the key itself. */
function fingerprint(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}
