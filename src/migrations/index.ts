import { Init1760000000000 } from './1760000000000-init.js';

/** In the order in which they run. */
export const migrations = [Init1760000000000];
