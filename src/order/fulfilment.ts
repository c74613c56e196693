import type { Units } from '../contracts/units.js';
import { DomainError, impossible } from '../kernel/domain-error.js';

/** A line, as far as its units go. */
export interface LineUnits {
  readonly sku: string;
  readonly quantity: number;
  readonly shippedQuantity: number;
  readonly cancelledQuantity: number;
  readonly returnedQuantity: number;
}

/** The units of a line that are still to be shipped. */
export function toShip(line: LineUnits): number {
  return line.quantity - line.shippedQuantity - line.cancelledQuantity;
}

/** All that is still to be shipped. */
export function unitsToShip(lines: readonly LineUnits[]): Units[] {
  return lines.map((line) => ({ sku: line.sku, quantity: toShip(line) })).filter(({ quantity }) => quantity > 0);
}

/** What a parcel takes: what was asked for, or all that is left. Throws the 422 `units_exceed_order`. */
export function pack(lines: readonly LineUnits[], wanted: readonly Units[] | undefined): readonly Units[] {
  if (wanted === undefined) return unitsToShip(lines);
  refuseExcess(lines, wanted, toShip, 'left to ship');
  return wanted;
}

/**
 * Where restocked units come from: first from those that never left, then from those that were shipped and came back.
 * Throws the 422 `units_exceed_order`.
 */
export function restock(
  lines: readonly LineUnits[],
  wanted: readonly Units[],
): { readonly unshipped: Units[]; readonly returned: Units[] } {
  refuseExcess(lines, wanted, (line) => toShip(line) + line.shippedQuantity - line.returnedQuantity, 'left to restock');
  const unshipped: Units[] = [];
  const returned: Units[] = [];
  for (const { sku, quantity } of wanted) {
    const line = lines.find((one) => one.sku === sku);
    const fromShelf = Math.min(quantity, line ? toShip(line) : 0);
    if (fromShelf > 0) unshipped.push({ sku, quantity: fromShelf });
    if (quantity > fromShelf) returned.push({ sku, quantity: quantity - fromShelf });
  }
  return { unshipped, returned };
}

function refuseExcess(lines: readonly LineUnits[], wanted: readonly Units[], left: (line: LineUnits) => number, says: string): void {
  const excess = wanted.flatMap(({ sku, quantity }) => {
    const line = lines.find((one) => one.sku === sku);
    const available = line ? left(line) : 0;
    return quantity > available ? [{ sku, requested: quantity, available }] : [];
  });
  if (excess.length > 0) throw exceeded(excess, says);
}

function exceeded(excess: readonly { sku: string; requested: number; available: number }[], says: string): DomainError {
  const named = excess.map(({ sku, requested, available }) => `${sku}: ${requested} asked for, ${available} ${says}`);
  return impossible('units_exceed_order', `${named.join('; ')}.`, { units: excess });
}
