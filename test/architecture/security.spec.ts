import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ASVS_REQUIREMENTS } from './asvs.js';
import { ROOT } from './tree.js';

const PAGE = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
const rows = PAGE.split('\n').filter((line) => line.startsWith('| '));

/** Each test that is named, as file and name. */
const tests = rows.flatMap((row) =>
  row.split(/\||<br>/).flatMap((cell) => {
    const [, file, name] = /^\s*`(test\/[\w./-]+)` › (.+?)\s*$/.exec(cell) ?? [];
    return file === undefined || name === undefined ? [] : [{ file, name }];
  }),
);

/** The requirements that a cell names: `V1.2.6 to V1.2.9, V1.3.1`. */
function requirementsIn(cell: string): string[] {
  return [...cell.matchAll(/(V\d+\.\d+)\.(\d+)(?: to V\d+\.\d+\.(\d+))?/g)].flatMap(([, section = '', from = '', to = from]) =>
    Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => `${section}.${Number(from) + index}`),
  );
}

describe('docs/security.md', () => {
  it('names tests that there are', () => {
    expect(tests.length).toBeGreaterThan(200);
    const missing = tests.filter(
      ({ file, name }) => !existsSync(join(ROOT, file)) || !readFileSync(join(ROOT, file), 'utf8').includes(name),
    );
    expect(missing).toEqual([]);
  });

  it('names files that there are', () => {
    const files = [...PAGE.matchAll(/`((?:src|test)\/[\w./-]+|[\w.-]+\.(?:mjs|cjs))`/g)].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(300);
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('has a control and a test in each row of the ten risks and of ASVS', () => {
    const due = rows.filter((row) => /^\| (?:API\d+|V[\d.]+) \|/.test(row));
    expect(due.filter((row) => /^\| API\d+ \|/.test(row)).map((row) => row.split(' ')[1])).toEqual(
      Array.from({ length: 10 }, (_, index) => `API${index + 1}`),
    );
    const bare = due.filter((row) => {
      const [, , , control = '', test = ''] = row.split('|');
      return !/`[\w./-]+`/.test(control) || !/`test\/[^`]+\.spec\.ts` › \S/.test(test);
    });
    expect(bare).toEqual([]);
  });

  it('has each requirement of ASVS 5.0 of levels 1 and 2, once: met, left to whoever runs it, or for something else than this', () => {
    const all = Object.entries(ASVS_REQUIREMENTS).flatMap(([section, count]) =>
      Array.from({ length: count }, (_, index) => `${section}.${index + 1}`),
    );
    const named = rows.flatMap((row) => requirementsIn(row.split('|')[1] ?? ''));
    expect(named.sort()).toEqual(all.sort());
  });
});
