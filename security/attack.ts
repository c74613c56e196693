import type { Scene } from './world/scene.js';

/** Something that somebody has done to another system, done to this one. */
export interface Attack {
  /** What would be in the news if it worked. */
  readonly name: string;
  /** The incident or the weakness that it is named after. */
  readonly after: string;
  /** Does it, looks for the effect that must not be, and shows that the honest variant has one. Throws `Succeeded`. */
  readonly run: (scene: Scene) => Promise<void>;
}

/** What belongs together, in a file of its own. */
export interface Family {
  readonly name: string;
  readonly attacks: readonly Attack[];
}

/** The attack had an effect, or what is honest had none, so that nothing would have been shown. */
export class Succeeded extends Error {}

export function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Succeeded(otherwise);
}

export function same(actual: unknown, expected: unknown, what: string): void {
  const [is, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  must(is === wanted, `${what}: ${short(is)} instead of ${short(wanted)}`);
}

/** Refused as the client's fault, with whichever code. */
export function refused({ status, text }: { readonly status: number; readonly text: string }, what: string): void {
  must(status >= 400 && status < 500, `${what} was answered with ${status} ${short(text)}`);
}

function short(text: string | undefined): string {
  return text === undefined ? 'nothing' : text.length > 300 ? `${text.slice(0, 300)} …` : text;
}
