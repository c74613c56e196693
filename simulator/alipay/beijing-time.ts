const BEIJING_OFFSET_MS = 8 * 3_600_000; // China keeps one time, and no summer time since 1991.

/** `yyyy-MM-dd HH:mm:ss` in Beijing, which is how Alipay writes every moment, wherever the program runs. */
export function beijingTime(moment: Date): string {
  return new Date(moment.getTime() + BEIJING_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');
}

/** Undefined for another format, and for a day that no calendar has. */
export function fromBeijingTime(text: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) return undefined;
  const moment = new Date(`${text.replace(' ', 'T')}+08:00`);
  return Number.isNaN(moment.getTime()) || beijingTime(moment) !== text ? undefined : moment;
}
