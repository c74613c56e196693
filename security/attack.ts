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
