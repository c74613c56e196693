import type { Report } from './report.js';
import type { Row, ScenarioSummary } from './summary.js';
import { whole } from './table.js';

const WIDTH = 860;
const LABELS = 230;
const NUMBERS = 150;
const BAR = 18;
const BAR_STEP = 24;
const TITLE_STEP = 34;
const GAP = 18;
const MARGIN = 20;

const COLOURS: Readonly<Record<Row['contender'], string>> = { suanpan: '#c2410c', bare: '#64748b', pgbench: '#94a3b8' };

/** Bars of the medians, each scenario on its own scale, with a whisker from the slowest to the fastest round. */
export function chart({ scenarios }: Pick<Report, 'scenarios'>): string {
  const shown = scenarios.filter(({ rows }) => rows.some(({ ratio }) => ratio !== null));
  let top = MARGIN;
  const parts = shown.map((scenario) => {
    const part = group(scenario, top);
    top += TITLE_STEP + scenario.rows.length * BAR_STEP + GAP;
    return part;
  });
  const height = top + MARGIN - GAP;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="13">
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
${parts.join('\n')}
</svg>
`;
}

function group({ title, unit, rows }: ScenarioSummary, top: number): string {
  const longest = Math.max(...rows.map(({ rate }) => rate.max));
  const scale = (WIDTH - LABELS - NUMBERS - 2 * MARGIN) / longest;
  const heading = `<text x="${MARGIN}" y="${top + 16}" font-weight="600" fill="#0f172a">${escaped(`${title}: ${unit} a second`)}</text>`;
  return [heading, ...rows.map((row, index) => bar(row, top + TITLE_STEP + index * BAR_STEP, scale))].join('\n');
}

function bar({ contender, label, rate, ratio }: Row, top: number, scale: number): string {
  const left = MARGIN + LABELS;
  const middle = top + BAR / 2;
  const at = (value: number) => (left + value * scale).toFixed(1);
  const said = `${whole(rate.median)}${ratio === null ? '' : ` (${ratio.toFixed(2)} ×)`}`;
  return [
    `<text x="${MARGIN}" y="${top + 13}" fill="#334155">${escaped(label)}</text>`,
    `<rect x="${left}" y="${top}" width="${(rate.median * scale).toFixed(1)}" height="${BAR}" fill="${COLOURS[contender]}"/>`,
    `<line x1="${at(rate.min)}" x2="${at(rate.max)}" y1="${middle}" y2="${middle}" stroke="#0f172a" stroke-width="1.5"/>`,
    `<text x="${(left + rate.max * scale + 8).toFixed(1)}" y="${top + 13}" fill="#0f172a">${said}</text>`,
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
