import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { withNumbers } from '../../bench/report/markdown.js';
import { chart } from '../../bench/report/svg.js';
import { HEADINGS, markdownTable, rowsOf, textTable } from '../../bench/report/table.js';
import { summarize } from '../../bench/report/summary.js';
import { report, result } from './results.js';

const MEASURED = { suanpan: [1000, 1100], bare: [500, 600], pgbench: [2000, 2200] } as const;

describe('How the benchmark shows its numbers', () => {
  it('has a row for each contender, and the ratio on those that are a limit', () => {
    expect(rowsOf(summarize(result(MEASURED)))).toEqual([
      ['Suanpan', '1,050', '1,000–1,100', '–', '2.00', '30.0', '30.0', '200', '300', '20', '4,000'],
      ['bare & <co>', '550', '500–600', '1.91 ×', '2.00', '30.0', '30.0', '200', '300', '20', '4,000'],
      ['pgbench & <co>', '2,100', '2,000–2,200', '0.50 ×', '⌀ 12.5', '–', '–', '200', '300', '20', '4,000'],
    ]);
  });

  it('sets columns that line up', () => {
    expect(
      textTable(
        ['', 'n'],
        [
          ['one', '1'],
          ['twenty', '1,000'],
        ],
      ),
    ).toBe('            n\none         1\ntwenty  1,000');
    expect(markdownTable(['', 'n'], [['twenty', '1,000']])).toBe('|        |     n |\n| ------ | ----: |\n| twenty | 1,000 |');
  });

  it('draws a bar for each, the longest for the best, and lets no name break the picture', () => {
    const svg = chart(report(MEASURED));
    const widths = [...svg.matchAll(/<rect x="\d+" y="\d+" width="([\d.]+)"/g)].map(([, width]) => Number(width));
    expect(widths).toHaveLength(3);
    const [suanpan = 0, bare = 0, pgbench = 0] = widths;
    expect(pgbench / suanpan).toBeCloseTo(2, 2);
    expect(suanpan / bare).toBeCloseTo(1050 / 550, 2);
    expect(svg).toContain('Orders &amp; &lt;more&gt;: orders a second');
    expect(svg.replaceAll(/&(?:amp|lt|gt);/g, '')).not.toContain('&');
    expect(svg).toContain('550 (1.91 ×)');
  });

  it('leaves out of the picture what is compared with nothing', () => {
    expect(chart(report({ suanpan: [1000] }))).not.toContain('Orders');
  });

  it('writes the numbers into their place in the document, with the command and the machine, and again over themselves', () => {
    const document = readFileSync(join(process.cwd(), 'docs', 'benchmarks.md'), 'utf8');
    const once = withNumbers(document, report(MEASURED), 'benchmarks.svg');
    expect(once).toContain(markdownTable(HEADINGS, rowsOf(summarize(result(MEASURED)))));
    for (const fact of [
      '`npm run bench -- --scenario order`',
      'Some CPU, 2 cores',
      'Node v20.20.0',
      '`fsync` on',
      '![',
      '- All of it holds.',
    ]) {
      expect(once).toContain(fact);
    }
    expect(withNumbers(once, report(MEASURED), 'benchmarks.svg')).toBe(once);
    expect(() => withNumbers('# Nothing\n', report(MEASURED), 'benchmarks.svg')).toThrow('no place for the numbers');
  });
});
