import type { KeyObject } from 'node:crypto';
import { after, HOUR, MINUTE, SECOND, type Clock } from '../../../kernel/clock.js';
import type { Claim } from '../gateway.js';
import { CERTIFICATE_SERIAL, isValid, type CertificateList, type PlatformCertificate } from './certificates.js';
import type { PlatformPublicKey } from './settings.js';

/** WeChat Pay wants the list asked for again within twelve hours. */
const LIST_LASTS = 12 * HOUR;
/** Anybody can send a serial number that is unknown, so it may not cause a call each time. */
const PAUSE = MINUTE;
/** Shorter, because until the list has come no answer can be believed, and the gateway may be back any moment. */
const PAUSE_AFTER_FAILURE = 5 * SECOND;

/**
 * The keys that WeChat Pay signs with for one account: its public key, where the account names it, and its platform
 * certificates, which are fetched when one is first needed. Both count at once, because for some days of a change-over
 * WeChat Pay signs with either. Source: WeChat Pay, 4012154180.
 */
export class PlatformKeys {
  private certificates: ReadonlyMap<string, PlatformCertificate> = new Map();
  private staleAt = new Date(0);
  private askAgainAt = new Date(0);
  private problem = '';
  private fetching: Promise<void> | undefined;

  constructor(
    private readonly publicKey: PlatformPublicKey | undefined,
    /** Answers within the total timeout of a call, and never throws. */
    private readonly fetch: () => Promise<CertificateList>,
    private readonly clock: Clock,
  ) {}

  /** The key that a message signed at this instant names, or the rest of a sentence that says why there is none. */
  async find(serial: string, at: Date): Promise<KeyObject | string> {
    if (serial === this.publicKey?.id) return this.publicKey.key;
    if (serial.startsWith('PUB_KEY_ID_')) {
      return this.publicKey === undefined
        ? "names WeChat Pay's public key, and the account has no setting for it"
        : 'names a public key that is not the one in the settings';
    }
    if (!CERTIFICATE_SERIAL.test(serial)) return 'is no serial number';
    const due = this.certificates.has(serial) ? this.staleAt : this.askAgainAt;
    if (this.clock.now() >= due) await this.refresh();
    const certificate = this.certificates.get(serial);
    if (certificate === undefined) return `is of no certificate that is known${this.problem === '' ? '' : ` (${this.problem})`}`;
    return isValid(certificate, at) ? certificate.key : 'is of a certificate that is not valid at this time';
  }

  /** Whether the key is known, or could be once the list was fetched. Calls nobody. */
  knows(serial: string): Claim {
    if (serial === this.publicKey?.id || this.certificates.has(serial)) return 'yes';
    return CERTIFICATE_SERIAL.test(serial) && this.clock.now() >= this.askAgainAt ? 'maybe' : 'no';
  }

  /** Whoever needs the list while it is being fetched waits for the same answer. */
  private refresh(): Promise<void> {
    this.fetching ??= this.fetchOnce().finally(() => (this.fetching = undefined));
    return this.fetching;
  }

  private async fetchOnce(): Promise<void> {
    const list = await this.fetch();
    const now = this.clock.now();
    switch (list.kind) {
      case 'certificates':
        this.certificates = new Map(list.certificates.map((one) => [one.serial, one]));
        this.wait(now, LIST_LASTS, PAUSE, '');
        return;
      case 'none':
        this.certificates = new Map();
        // Without a public key nothing at all could be verified, so that an account which is still being set up asks sooner.
        this.wait(now, LIST_LASTS, this.publicKey === undefined ? PAUSE : LIST_LASTS, 'the merchant has no platform certificates');
        return;
      case 'refused':
        return this.wait(now, PAUSE, PAUSE, list.cause);
      case 'failed':
        return this.wait(now, PAUSE_AFTER_FAILURE, PAUSE_AFTER_FAILURE, list.cause);
    }
  }

  /** What was known stays so while no list comes: each certificate says itself until when it counts. */
  private wait(now: Date, untilStale: number, untilNextAsk: number, problem: string): void {
    this.staleAt = new Date(Math.max(this.staleAt.getTime(), after(now, untilStale).getTime()));
    this.askAgainAt = after(now, untilNextAsk);
    this.problem = problem;
  }
}
