import type { KeyObject } from 'node:crypto';

import { verify } from '../../src/payment/gateway/rsa.js';
import type { NamedKey } from '../input/keys.js';

/** A signature of WeChat Pay's, and what it is said to be over and by. */
export interface Signed {
  readonly content: Buffer;
  readonly serial: string;
  readonly signature: string;
}

/** The keys that were given, by the serial numbers and key ids that WeChat Pay names them by. */
export class Keyring {
  constructor(
    readonly keys: readonly NamedKey[],
    private readonly signed: Signed,
    private readonly at: Date,
  ) {}

  /** The key that a serial names, or the rest of a sentence that says why there is none. */
  readonly find = async (serial: string): Promise<KeyObject | string> => {
    const key = await this.keyFor(serial);
    if (key === undefined) return `names a key that is not among those given: ${this.serials().join(', ')}`;
    const { certificate } = key;
    if (certificate && !isValid(certificate, this.at)) {
      return `names a certificate that is valid from ${certificate.validFrom} until ${certificate.validTo}`;
    }
    return key.key;
  };

  /** A key without a serial stands for whatever serial there is: of several, for the one that made the signature. */
  async keyFor(serial: string): Promise<NamedKey | undefined> {
    const named = this.keys.find((key) => key.serial !== undefined && bare(key.serial) === bare(serial));
    if (named) return named;
    const nameless = this.keys.filter((key) => key.serial === undefined);
    return (await this.madeBy(nameless)) ?? nameless[0];
  }

  /** The one of the keys that made the signature. */
  async madeBy(keys: readonly NamedKey[] = this.keys): Promise<NamedKey | undefined> {
    for (const key of keys) if (await verify(this.signed.content, this.signed.signature, key.key)) return key;
    return undefined;
  }

  serials(): string[] {
    return this.keys.map(({ serial, title }) => serial ?? title);
  }
}

function isValid({ validFrom, validTo }: { readonly validFrom: string; readonly validTo: string }, at: Date): boolean {
  return Date.parse(validFrom) <= at.getTime() && at.getTime() <= Date.parse(validTo);
}

/** Node leaves the zeros in front away or not, and WeChat Pay writes capitals. Key ids are taken as they are. */
function bare(serial: string): string {
  return /^[0-9A-F]+$/.test(serial) ? serial.replace(/^0+/, '') : serial;
}
