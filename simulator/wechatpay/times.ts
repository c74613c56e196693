const BEIJING_OFFSET_MS = 8 * 3_600_000; // China keeps one time, and no summer time since 1991.

/** `2026-01-05T10:26:12+08:00`, which is how WeChat Pay writes every moment. */
export function rfc3339(moment: Date | string): string {
  return `${new Date(new Date(moment).getTime() + BEIJING_OFFSET_MS).toISOString().slice(0, 19)}+08:00`;
}

/** Undefined for another format, and for a day that no calendar has. */
export function fromRfc3339(text: string): Date | undefined {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d{1,3})?(?:Z|([+-])(\d{2}):(\d{2}))$/.exec(text);
  if (!match) return undefined;
  const [, local = '', sign, hours = '0', minutes = '0'] = match;
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000);
  const asUtc = new Date(`${local}Z`);
  if (Number.isNaN(asUtc.getTime()) || asUtc.toISOString().slice(0, 19) !== local) return undefined;
  return new Date(asUtc.getTime() - offset);
}
