import type { Attack, Family } from './attack.js';
import { Succeeded, must } from './findings.js';
import { CannotRun } from './failures.js';
import { Client } from './world/client.js';
import type { Scene } from './world/scene.js';

export interface Result {
  readonly family: string;
  readonly attack: Attack;
  /** Undefined where the attack came to nothing. */
  readonly succeeded: string | undefined;
  readonly seconds: number;
}

/** The attacks that a person asks for: those that have one of the texts somewhere, or all. */
export function chosen(corpus: readonly Family[], only: readonly string[]): readonly Family[] {
  if (only.length === 0) return corpus;
  const wanted = only.map((text) => text.toLowerCase());
  return corpus
    .map(({ name, attacks }) => ({
      name,
      attacks: attacks.filter((one) => wanted.some((text) => `${name} ${one.name} ${one.after}`.toLowerCase().includes(text))),
    }))
    .filter(({ attacks }) => attacks.length > 0);
}

/** What an earlier attack broke is its own, and no later one's. */
let brokenBefore: readonly string[] = [];

/** Makes one attack. Whatever it was after: nothing may have failed inside of the program, and no promise may be broken afterwards. */
export async function make(family: string, attack: Attack, scene: Scene): Promise<Result> {
  const began = performance.now();
  Client.failures.splice(0);
  let succeeded: string | undefined;
  try {
    await attack.run(scene);
    must(Client.failures.length === 0, `the program failed: ${Client.failures[0]}`);
    const broken = await scene.books.broken();
    const anew = broken.filter((promise) => !brokenBefore.includes(promise));
    brokenBefore = broken;
    must(anew.length === 0, `promises are broken: ${anew.join('; ')}`);
    scene.program.assertAlive();
  } catch (error) {
    if (error instanceof CannotRun || !(error instanceof Error)) throw error;
    succeeded = error instanceof Succeeded ? error.message : (error.stack ?? error.message);
  }
  return { family, attack, succeeded, seconds: (performance.now() - began) / 1_000 };
}
