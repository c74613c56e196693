import { Init1760000000000 } from './1760000000000-init.js';
import { GatewayAccounts1763800000000 } from './1763800000000-gateway-accounts.js';
import { Correlation1765500000000 } from './1765500000000-correlation.js';
import { Growth1765000000000 } from './1765000000000-growth.js';
import { Security1765600000000 } from './1765600000000-security.js';
import { OrdersToExpire1765700000000 } from './1765700000000-orders-to-expire.js';
import { OrdersByStatus1765800000000 } from './1765800000000-orders-by-status.js';
import { Presume1765900000000 } from './1765900000000-presume.js';
import { Invariants1766000000000 } from './1766000000000-invariants.js';

/** In the order in which they run. The invariants come last, since they are views of all the rest. */
export const migrations = [
  Init1760000000000,
  GatewayAccounts1763800000000,
  Growth1765000000000,
  Correlation1765500000000,
  Security1765600000000,
  OrdersToExpire1765700000000,
  OrdersByStatus1765800000000,
  Presume1765900000000,
  Invariants1766000000000,
];
