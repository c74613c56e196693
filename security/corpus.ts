import type { Family } from './attack.js';
import { ALTERED_NOTICES } from './attacks/altered-notices.js';
import { AMOUNTS } from './attacks/amounts.js';
import { AUTHORIZATION } from './attacks/authorization.js';
import { DISCLOSURE } from './attacks/disclosure.js';
import { FORGED_NOTICES } from './attacks/forged-notices.js';
import { INJECTION } from './attacks/injection.js';
import { INPUT } from './attacks/input.js';
import { OUTGOING } from './attacks/outgoing.js';
import { RACES } from './attacks/races.js';
import { REPLAYED_NOTICES } from './attacks/replayed-notices.js';
import { TRANSPORT } from './attacks/transport.js';

/** All that is tried, in this order. */
export const CORPUS: readonly Family[] = [
  FORGED_NOTICES,
  ALTERED_NOTICES,
  REPLAYED_NOTICES,
  AMOUNTS,
  RACES,
  AUTHORIZATION,
  INPUT,
  INJECTION,
  OUTGOING,
  TRANSPORT,
  DISCLOSURE,
];
