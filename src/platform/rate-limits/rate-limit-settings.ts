/** How often in a minute, over all processes. Undefined: as often as one likes. */
export class RateLimitSettings {
  constructor(
    /** Requests of an API key. */
    readonly ofKey: number | undefined,
    /** Keys that are none, from one address. */
    readonly ofWrongKeys: number | undefined,
  ) {}
}
