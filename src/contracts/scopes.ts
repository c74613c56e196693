/** What an API key may do. `admin` stands for running the system: merchants, gateway accounts, parked jobs and invariants. */
export const SCOPES = [
  'products:read',
  'products:write',
  'inventory:read',
  'inventory:write',
  'orders:read',
  'orders:write',
  'payments:read',
  'payments:write',
  'refunds:read',
  'refunds:write',
  'callbacks:read',
  'callbacks:write',
  'discrepancies:read',
  'discrepancies:write',
  'keys:read',
  'keys:write',
  'admin',
] as const;

export type Scope = (typeof SCOPES)[number];
