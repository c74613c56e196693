/** A bill as it is written: texts, by the names of its columns, which differ from one kind of bill to another. */
export interface BillTable {
  readonly columns: readonly string[];
  readonly rows: readonly ReadonlyMap<string, string>[];
  readonly summary: ReadonlyMap<string, string>;
}

/**
 * Reads a bill, or says why it is none: a line of names, rows whose every cell begins with a backtick, and at the end a
 * line of names and a line of values that sum it up. A byte order mark and a missing last line feed are both usual.
 * Commas and line feeds within a cell were escaped by WeChat Pay, and the escapes are left as they are.
 * Source: WeChat Pay, 4013071246.
 */
export function readBillTable(text: string): BillTable | { readonly problem: string } {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line !== '');
  const [header = '', ...others] = lines;
  const columns = header.split(',');
  const summaryAt = others.length - 2;
  const [summaryHeader = '', summaryValues = ''] = others.slice(summaryAt);
  if (summaryAt < 0 || [header, summaryHeader].some((line) => line.startsWith('`')))
    return { problem: 'the bill lacks its header or its summary' };
  const rows = others.slice(0, summaryAt).map((line) => record(columns, line));
  const summary = record(summaryHeader.split(','), summaryValues);
  const broken = rows.findIndex((row) => row === undefined);
  if (broken >= 0) return { problem: `row ${broken + 1} has not as many cells as the bill has columns` };
  if (summary === undefined) return { problem: 'the summary has not as many values as names' };
  return { columns, rows: rows.filter((row) => row !== undefined), summary };
}

function record(names: readonly string[], line: string): ReadonlyMap<string, string> | undefined {
  if (!line.startsWith('`')) return undefined;
  // A comma alone may stand in a cell of an old bill; a comma before a backtick always ends one.
  const cells = line.slice(1).split(',`');
  return cells.length === names.length ? new Map(names.map((name, at) => [name, cells[at] ?? ''])) : undefined;
}
