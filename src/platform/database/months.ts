/** A calendar month in UTC, as the parts of a table are named: `2026_12`. */
export type Month = string;

export function monthOf(instant: Date): Month {
  return instant.toISOString().slice(0, 7).replace('-', '_');
}

export function startOf(month: Month): Date {
  return new Date(`${month.replace('_', '-')}-01T00:00:00Z`);
}

export function monthsAfter(month: Month, count: number): Month {
  const start = startOf(month);
  return monthOf(new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + count, 1)));
}
