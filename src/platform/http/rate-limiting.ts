import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

import type { Caller } from '../../contracts/api-keys.port.js';
import { RateLimitSettings } from '../rate-limits/rate-limit-settings.js';
import { RateLimits, WINDOW, type Standing } from '../rate-limits/rate-limits.js';
import { Metrics } from './metrics.js';
import { RequestProblem } from './problem.js';
import type { AuthenticatedRequest } from './security.js';
import { WrongKeys } from './wrong-keys.js';

/**
 * Limits how often a key may ask, and how many keys that are none an address may show, and tells the client where it stands.
 * Source: draft-ietf-httpapi-ratelimit-headers-10.
 */
@Injectable()
export class RateLimiting {
  constructor(
    private readonly limits: RateLimits,
    private readonly wrongKeys: WrongKeys,
    private readonly settings: RateLimitSettings,
    private readonly metrics: Metrics,
  ) {}

  /** Before a key is looked up. Throws the 429 `too_many_requests` where the address is not to be listened to just now. */
  listen({ ip }: AuthenticatedRequest, secret: string | undefined): void {
    const { ofWrongKeys } = this.settings;
    const standing = ofWrongKeys === undefined ? undefined : this.wrongKeys.objection(ip, secret, ofWrongKeys);
    if (standing) throw this.tooManyWrongKeys(standing);
  }

  /** The key was none. Throws the 429 `too_many_requests` where that is one too many. */
  async wasWrong({ ip }: AuthenticatedRequest): Promise<void> {
    const { ofWrongKeys } = this.settings;
    if (ofWrongKeys === undefined) return;
    const standing = await this.wrongKeys.count(ip, ofWrongKeys);
    if (!standing.allowed) throw this.tooManyWrongKeys(standing);
  }

  /** The key was good. Throws the 429 `too_many_requests` where it has asked too often. */
  async wasGood(caller: Caller, secret: string, reply: FastifyReply): Promise<void> {
    const { ofKey, ofWrongKeys } = this.settings;
    if (ofWrongKeys !== undefined) this.wrongKeys.remember(caller, secret);
    if (ofKey === undefined) return;
    const standing = await this.limits.take(`api_key:${caller.apiKeyId}`, ofKey);
    void reply
      .header('ratelimit-policy', `"api-key";q=${ofKey};w=${WINDOW / 1_000}`)
      .header('ratelimit', `"api-key";r=${standing.remaining};t=${standing.secondsLeft}`);
    if (standing.allowed) return;
    this.metrics.limited.inc({ by: 'api_key' });
    throw tooMany(`This API key may send ${ofKey} requests a minute, and has.`, standing);
  }

  private tooManyWrongKeys(standing: Standing): RequestProblem {
    this.metrics.limited.inc({ by: 'address' });
    return tooMany('Too many API keys that are none have come from your address.', standing);
  }
}

function tooMany(why: string, { secondsLeft }: Standing): RequestProblem {
  const detail = `${why} Nothing was done: send it again after the seconds in Retry-After.`;
  return new RequestProblem('too_many_requests', detail, {}, secondsLeft);
}
