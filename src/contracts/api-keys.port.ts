import type { MerchantId } from '../kernel/ids.js';
import type { Reader } from '../kernel/reader.js';
import type { Writer } from '../kernel/writer.js';
import type { Scope } from './scopes.js';

/** Who is calling: the merchant whose key was shown, and what that key may do. */
export interface Caller {
  readonly merchantId: MerchantId;
  readonly apiKeyId: string;
  readonly scopes: readonly Scope[];
}

/** Whose key this is. The merchant module answers; an unknown or revoked key is nobody's. */
export abstract class ApiKeys {
  abstract identify(secret: string): Promise<Caller | undefined>;

  /** Whose it was when this process last asked. It may have ended since: whoever believes this asks `ended` before anything is committed. */
  abstract remembered(secret: string): Caller | undefined;

  /** Those of these keys, by their ids, that open nothing any more. Reads on the asker's own transaction. */
  abstract ended(reader: Reader, apiKeyIds: readonly string[]): Promise<ReadonlySet<string>>;

  /** Lets the asker's transaction fail (`presume`) where one of these keys, each given once, has ended. */
  abstract presumeGood(writer: Writer, apiKeyIds: readonly string[]): void;
}
