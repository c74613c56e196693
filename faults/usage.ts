import { KINDS } from './kinds/index.js';
import { SABOTAGES } from './sabotage/sabotage.js';

const list = (all: readonly { readonly name: string; readonly title: string }[]): string =>
  all.map(({ name, title }) => `  ${name.padEnd(30)}${title}`).join('\n');

export const USAGE = `Breaks the program in every way that is known, while people buy, and looks whether it kept its promises.

  npm run faults [-- --seed N --minutes M --only KIND]

  --seed N        the faults of an earlier run again, in their order; one of its own where absent
  --minutes M     how long (2); the look at the end comes on top
  --only KIND     faults of this kind alone, or of these, with commas between
  --buyers N      how many people are in the shop at a time (32)
  --patience N    recovery may take N times its bound: for a machine that has something else to do (1)
  --sabotage KIND a fault in the program, on purpose, which must be found

Faults:
${list(KINDS)}

Sabotage:
${list(SABOTAGES)}

Exit code: 0 every promise was kept, 1 one was broken, 2 nothing can be said.
docs/faults.md says how to read it.
`;
