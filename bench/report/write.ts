import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { withNumbers } from './markdown.js';
import type { Report } from './report.js';
import { chart } from './svg.js';

const DOCUMENT = fileURLToPath(new URL('../../../docs/benchmarks.md', import.meta.url));
const CHART = 'benchmarks.svg';

/** Writes the report and its chart. Answers the file with the report. */
export function writeReport(report: Report, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const name = `bench-${report.at.replaceAll(/[:.]/g, '-')}`;
  const file = join(folder, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(join(folder, `${name}.svg`), chart(report));
  return file;
}

/** Writes the numbers into docs/benchmarks.md, and the chart beside it. */
export function writeDocs(report: Report): void {
  writeFileSync(join(DOCUMENT, '..', CHART), chart(report));
  writeFileSync(DOCUMENT, withNumbers(readFileSync(DOCUMENT, 'utf8'), report, CHART));
}
