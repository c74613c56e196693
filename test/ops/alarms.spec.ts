import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { AllFigures } from '../../src/processes/figures.js';
import { World } from '../support/world.js';
import { ROOT } from '../architecture/tree.js';

const RULES = readFileSync(join(ROOT, 'ops', 'alerts.yml'), 'utf8');
const PAGES = readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8');

interface Rule {
  readonly name: string;
  readonly expr: string;
  readonly page: string;
}

const rules: Rule[] = RULES.split(/^\s*- alert: /m)
  .slice(1)
  .map((text) => ({
    name: /^\w+/.exec(text)?.[0] ?? '',
    expr: /expr: >-\n\s+([\s\S]*?)\n\s+for:/.exec(text)?.[1] ?? '',
    page: /page: (\S+)/.exec(text)?.[1] ?? '',
  }));

/** What a rule may name that is none of ours: what a disk has left, only the machine knows. */
const OF_NODE_EXPORTER = ['node_filesystem_avail_bytes', 'node_filesystem_size_bytes'];
const WORDS = /[a-z]+(?:_[a-z0-9]+)+(?![\w(]|\s*=)/g;

const pageOf = (name: string) => new RegExp(`^### ${name}\\n([\\s\\S]*?)(?=^##)`, 'm').exec(`${PAGES}\n## end`)?.[1];
const sqlOf = (text: string) => [...text.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql = '']) => sql);
const curls = [...PAGES.slice(PAGES.indexOf('## Alarms')).matchAll(/curl [^\n]*?"?\$URL(\/[\w/?=.-]*)/g)].map(([, path = '']) => path);

describe('The alarms', () => {
  // Nothing is changed here, so the invariants need not be looked at after each.
  let world: World;
  let exported: string;

  beforeAll(async () => {
    world = await World.create();
    await world.settle();
    exported = `${(await world.api.get<string>('/metrics')).body}\n${await new AllFigures().of([])}`;
  });

  afterAll(() => world.close());

  it('are read here', () => {
    expect(rules.length).toBeGreaterThanOrEqual(25);
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    for (const { expr } of rules) expect(expr).toMatch(/./);
  });

  it.each(rules)('$name names only figures that there are', ({ expr }) => {
    const named = [...expr.replace(/\{[^}]*\}/g, '').matchAll(WORDS)].map(([word]) => word);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named.filter((word) => !OF_NODE_EXPORTER.includes(word))) {
      expect(exported).toMatch(new RegExp(`^# TYPE ${name.replace(/_(?:bucket|count|sum)$/, '')} `, 'm'));
    }
  });

  it.each(rules)('$name names only labels that the figure has', ({ expr }) => {
    for (const [, name = '', labels = ''] of expr.matchAll(/(suanpan_\w+)\{([^}]*)\}/g)) {
      for (const [, label = ''] of labels.matchAll(/(\w+)(?:=|!=|=~|!~)"/g)) {
        const seen = new RegExp(`^${name}\\{[^}]*\\b${label}="`, 'm').test(exported);
        // Of what has not happened yet there is no line to see the label in.
        expect(seen || LABELS[name]?.includes(label)).toBe(true);
      }
    }
  });

  it.each(rules)('$name has its page, with all that a page has', ({ name, page }) => {
    expect(page).toBe(`docs/operations.md#${name.toLowerCase()}`);
    const text = pageOf(name) ?? '';
    for (const part of ['**Means.**', '**Customers see.**', '**Look.**', '**Do.**', '**Do not']) expect(text).toContain(part);
  });

  it('have no page without a rule', () => {
    const section = PAGES.slice(PAGES.indexOf('## Alarms'), PAGES.indexOf('## Backup and restore'));
    expect([...section.matchAll(/^### (\w+)$/gm)].map(([, name]) => name)).toEqual(rules.map(({ name }) => name));
  });

  it.each(sqlOf(PAGES).map((sql) => ({ sql })))('a statement of the pages runs: $sql', async ({ sql }) => {
    const runner = world.db.createQueryRunner();
    await runner.query('BEGIN READ ONLY');
    try {
      await runner.query(sql);
    } finally {
      await runner.query('ROLLBACK');
      await runner.release();
    }
  });

  it.each([...new Set(curls)])('an address of the pages answers: %s', async (path) => {
    expect((await world.api.get(path)).status).toBe(200);
  });

  it('every link of the pages leads somewhere', () => {
    const headings = [...PAGES.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    const links = [...PAGES.matchAll(/\]\(#([\w-]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !headings.includes(link))).toEqual([]);
  });
});

const LABELS: Readonly<Record<string, readonly string[]>> = {
  suanpan_transaction_failures_total: ['sqlstate'],
  suanpan_jobs_total: ['task', 'result'],
  suanpan_gateway_calls_total: ['gateway', 'call', 'outcome'],
  suanpan_callbacks_total: ['gateway', 'verdict'],
  suanpan_http_requests_shed_total: ['reason'],
  suanpan_http_request_seconds_count: ['method', 'route', 'status'],
  // Only where there is a worker, and where somebody watches.
  suanpan_sweep_timestamp_seconds: ['sweep'],
  suanpan_database_pool: ['state'],
  suanpan_migrations: ['state'],
};
