const HOUR_MS = 3_600_000;
const BEIJING_OFFSET_MS = 8 * HOUR_MS; // China keeps one time, and no summer time since 1991.

/** `YYYYMMDDhhmmss` in Beijing, which is how UnionPay writes every moment, wherever the program runs. */
export function beijingTime(moment: Date): string {
  return new Date(moment.getTime() + BEIJING_OFFSET_MS).toISOString().replace(/\D/g, '').slice(0, 14);
}

/** Undefined for another format, and for a day that no calendar has. */
export function fromBeijingTime(text: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const moment = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}+08:00`);
  return Number.isNaN(moment.getTime()) || beijingTime(moment) !== text ? undefined : moment;
}

/** `YYYYMMDD` of the settlement day, which begins at 23:00 of the evening before. */
export function settlementDay(moment: Date): string {
  return beijingTime(new Date(moment.getTime() + HOUR_MS)).slice(0, 8);
}

/** As many calendar months later, or the last day of a month that is too short. */
export function monthsLater(moment: Date, months: number): Date {
  const later = new Date(moment.getTime() + BEIJING_OFFSET_MS);
  const day = later.getUTCDate();
  later.setUTCMonth(later.getUTCMonth() + months);
  if (later.getUTCDate() !== day) later.setUTCDate(0);
  return new Date(later.getTime() - BEIJING_OFFSET_MS);
}
