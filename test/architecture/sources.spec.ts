import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { SOURCE_RULES, breaches } from './sources.js';
import { PROGRAMS, ROOT } from './tree.js';

const files = PROGRAMS.flatMap((program) =>
  readdirSync(join(ROOT, program), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(program, file).replaceAll('\\', '/')),
);

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

describe('What only some files may say', () => {
  it('is said nowhere else', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.flatMap((file) => breaches(file, read(file)))).toEqual([]);
  });

  const plants = SOURCE_RULES.flatMap((rule) => rule.plants.map((text) => ({ rule, text })));

  it.each(plants)('$rule.name: `$text` is found when it is planted, and no other rule minds', ({ rule, text }) => {
    const host = 'src/order/order-pricing.ts';
    const found = breaches(host, `${text}\n${read(host)}`);
    expect([...new Set(found)]).toEqual([`${host}:1 ${rule.name}`]);
  });

  it.each(SOURCE_RULES)('$name: each exception is used', ({ within, except, matches }) => {
    const rule = { name: 'said', within, except: [], matches, plants: [] };
    expect(except.filter((file) => files.includes(file) && breaches(file, read(file), [rule]).length === 0)).toEqual([]);
  });
});
