/** An instant as ISO 8601 in UTC: how time travels in events and answers. */
export type Instant = string;

/** What time it is. The program follows the database's clock; a test moves its own by hand. */
export abstract class Clock {
  abstract now(): Date;
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export function after(start: Date, milliseconds: number): Date {
  return new Date(start.getTime() + milliseconds);
}

/** `yyyy-MM-dd HH:mm:ss` in Beijing, where every gateway keeps its clock. China has had no daylight saving since 1991. */
export function beijingTime(instant: Date): string {
  return after(instant, 8 * HOUR)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
}

/** The instant of a `yyyy-MM-dd HH:mm:ss` in Beijing, or undefined where the text is none. */
export function parseBeijingTime(text: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) return undefined;
  const instant = new Date(`${text.replace(' ', 'T')}+08:00`);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}
