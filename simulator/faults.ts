import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { GatewayName } from './ledger/trade.js';

/**
 * What can go wrong between a merchant and a gateway. The table in README.md says what each does on the wire, and whether the
 * gateway has done what it was asked by then.
 */
export const FAULT_KINDS = [
  'delay',
  'timeout',
  'http_500',
  'http_502',
  'garbage',
  'reset',
  'succeed_then_reset',
  'succeed_then_500',
  'wrong_signature',
  'unsigned',
  'system_error',
  'system_error_done',
  'declined',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** Faults that come before the gateway has done anything. With every other kind it does what it was asked, and the answer suffers. */
export const NOT_DONE: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'timeout',
  'http_500',
  'http_502',
  'garbage',
  'reset',
  'system_error',
  'declined',
]);

export interface Fault {
  readonly id: string;
  readonly kind: FaultKind;
  readonly gateway: GatewayName | null; // Null is any.
  readonly method: string | null; // The gateway's name for the call; null is any call.
  readonly ms: number; // For `delay`.
  readonly subCode: string | null; // For `declined`, and where given for `system_error`.
  readonly remaining: number | null; // Calls still to spoil; null is all of them until cleared.
}

/** The faults that a test has planted, oldest first: each call takes at most one, and each fault as many calls as it was given. */
export class FaultPlan {
  private faults: Fault[] = [];
  private mended = mending();

  plant(fault: Omit<Fault, 'id'>): Fault {
    const planted = { id: randomUUID(), ...fault };
    this.faults.push(planted);
    return planted;
  }

  take(gateway: GatewayName, method: string): Fault | undefined {
    const fault = this.faults.find((each) => (each.gateway ?? gateway) === gateway && (each.method ?? method) === method);
    if (!fault || fault.remaining === null) return fault;
    const left = { ...fault, remaining: fault.remaining - 1 };
    this.faults = this.faults.map((each) => (each === fault ? left : each)).filter((each) => each.remaining !== 0);
    return fault;
  }

  list(): readonly Fault[] {
    return this.faults;
  }

  /** The wait of a `delay`, which is over as soon as all is mended. */
  async wait({ ms }: Fault): Promise<void> {
    await pause(ms, undefined, { ref: false, signal: this.mended.signal }).catch(() => undefined);
  }

  clear(): void {
    this.faults = [];
    this.mended.abort();
    this.mended = mending();
  }
}

/** However many calls are waiting for it. */
function mending(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
