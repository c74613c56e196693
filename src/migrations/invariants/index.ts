import { GATEWAYS } from './gateways.js';
import { HISTORIES } from './histories.js';
import { LOG } from './log.js';
import { ORDERS } from './orders.js';
import { PAYMENTS } from './payments.js';
import { REFUNDS } from './refunds.js';
import { STOCK } from './stock.js';
import type { Invariant } from './view.js';

/** Everything that must always hold. */
export const INVARIANTS: readonly Invariant[] = [...STOCK, ...ORDERS, ...PAYMENTS, ...REFUNDS, ...HISTORIES, ...GATEWAYS, ...LOG];
