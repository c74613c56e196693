import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';

import type { Caller } from '../../contracts/api-keys.port.js';
import { RateLimits, WINDOW, type Standing } from '../rate-limits/rate-limits.js';
import { countedAddress } from './client-address.js';

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
  /** By a steady clock: nobody has shown a wrong key for a whole window then, so nobody need be looked up. */
  private quietFrom = -Infinity;

  constructor(private readonly limits: RateLimits) {}

  /** Where the address stands if it is not to be listened to; undefined where the key may be looked up. */
  objection(ip: string, secret: string | undefined, quota: number): Standing | undefined {
    if (performance.now() > this.quietFrom) return undefined;
    const standing = this.limits.look(subjectOf(ip), quota);
    if (standing === undefined || standing.allowed) return undefined;
    return secret !== undefined && this.goodKeys.has(fingerprint(secret)) ? undefined : standing;
  }

  /** Counts one more of the address. */
  count(ip: string, quota: number): Promise<Standing> {
    this.quietFrom = performance.now() + WINDOW;
    return this.limits.take(subjectOf(ip), quota);
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

const subjectOf = (ip: string): string => `address:${countedAddress(ip)}`;

/** What is kept here must not be the key itself. */
function fingerprint(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}
