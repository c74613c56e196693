import { DATABASE } from './database.js';
import { EXHAUSTED } from './exhausted.js';
import { FAILPOINTS } from './failpoints.js';
import { GATEWAYS } from './gateways.js';
import { HANDLERS } from './handlers.js';
import type { Kind } from './kind.js';
import { KILLS } from './kills.js';
import { NETWORK } from './network.js';
import { NOTICES } from './notices.js';
import { REPLICAS } from './replicas.js';

/** Every kind of fault, in the order of the report. */
export const KINDS: readonly Kind[] = [
  ...KILLS,
  ...FAILPOINTS,
  ...DATABASE,
  ...NETWORK,
  ...EXHAUSTED,
  ...GATEWAYS,
  ...NOTICES,
  ...REPLICAS,
  ...HANDLERS,
];
