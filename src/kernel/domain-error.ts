/** What kind of rule said no. The HTTP layer turns the kind into a status and the code into titles. */
export type DomainErrorKind = 'not_found' | 'conflict' | 'impossible' | 'forbidden' | 'unauthorized' | 'invalid';

/**
 * A rule said no. Part of the contract: `code` never changes once published, and `facts` are members of the answer.
 * `detail` is for a person: it says what to do and never carries a secret.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly kind: DomainErrorKind,
    readonly code: string,
    readonly detail: string,
    readonly facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${code}: ${detail}`);
  }
}

export const notFound = (code: string, detail: string) => new DomainError('not_found', code, detail);
export const conflict = (code: string, detail: string, facts?: Record<string, unknown>) => new DomainError('conflict', code, detail, facts);
export const impossible = (code: string, detail: string, facts?: Record<string, unknown>) =>
  new DomainError('impossible', code, detail, facts);
