import { after, beijingTime, DAY, HOUR, MINUTE, parseBeijingTime } from '../../../kernel/clock.js';

/** `YYYYMMDDhhmmss` in Beijing, which is how UnionPay writes an instant. */
export function compactTime(instant: Date): string {
  return beijingTime(instant).replace(/\D/g, '');
}

/** The instant of a `YYYYMMDDhhmmss` in Beijing, or undefined where the text is none. */
export function parseCompactTime(text: string): Date | undefined {
  const spelled = text.replace(/^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/, '$1-$2-$3 $4:$5:$6');
  const instant = parseBeijingTime(spelled);
  // A thirtieth of February would otherwise be read as a day of March.
  return instant !== undefined && compactTime(instant) === text ? instant : undefined;
}

/** The instant of a `MMDDhhmmss` in Beijing, in the year that brings it closest to `near`: UnionPay leaves the year out. */
export function parseYearlessTime(text: string, near: Date): Date | undefined {
  const year = Number(compactTime(near).slice(0, 4));
  const [nearest] = [year - 1, year, year + 1]
    .map((candidate) => parseCompactTime(`${candidate}${text}`))
    .filter((instant) => instant !== undefined)
    .sort((left, right) => distance(left, near) - distance(right, near));
  return nearest;
}

function distance(left: Date, right: Date): number {
  return Math.abs(left.getTime() - right.getTime());
}

/** UnionPay's day for money runs from 23:00 to 23:00 in Beijing. */
const DAY_ENDS = 23 * HOUR;
const BEIJING = 8 * HOUR;
/** A cancel that arrives after the day's end is refused, and clocks differ. */
const MARGIN = 30 * MINUTE;

/** True where a payment of `paidAt` can still be cancelled at `instant`: in its own settlement day, with half an hour to spare. */
export function cancellableAt(paidAt: Date, instant: Date): boolean {
  return settlementDay(paidAt) === settlementDay(instant) && settlementDay(paidAt) === settlementDay(after(instant, MARGIN));
}

function settlementDay(instant: Date): number {
  return Math.floor((instant.getTime() + BEIJING + DAY - DAY_ENDS) / DAY);
}
