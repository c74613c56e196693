import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { IMPORT_PLANTS } from './import-plants.js';
import { PROGRAMS, ROOT, TreeCopy, runTool } from './tree.js';

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
  readonly to: string;
  readonly cycle?: readonly { readonly name: string }[];
}

interface CruiseResult {
  readonly modules: readonly { readonly source: string; readonly dependencies: readonly { readonly resolved: string }[] }[];
  readonly summary: { readonly violations: readonly Violation[] };
}

const rules = (createRequire(__filename)(join(ROOT, '.dependency-cruiser.cjs')) as { forbidden: { name: string }[] }).forbidden;

async function cruise(folder: string): Promise<CruiseResult> {
  const programs = PROGRAMS.filter((program) => existsSync(join(folder, program)));
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...programs];
  return JSON.parse(await runTool('dependency-cruiser/bin/dependency-cruise.mjs', args, folder)) as CruiseResult;
}

const spoken = ({ rule, from, to, cycle }: Violation) =>
  `${rule.name}: ${from} -> ${cycle ? cycle.map(({ name }) => name).join(' -> ') : to}`;

async function cruiseWithPlants(): Promise<CruiseResult> {
  const copy = new TreeCopy();
  try {
    for (const [file, text] of IMPORT_PLANTS.flatMap(({ files }) => files)) copy.plant(file, text);
    return await cruise(copy.folder);
  } finally {
    copy.remove();
  }
}

const concerns = (violation: Violation, file: string) =>
  violation.from === file || (violation.cycle ?? []).some(({ name }) => name === file);

describe('Who may import whom', () => {
  let ours: CruiseResult;
  let planted: CruiseResult;

  beforeAll(async () => {
    [ours, planted] = await Promise.all([cruise(ROOT), cruiseWithPlants()]);
  });

  it('is kept by every file of every program', () => {
    expect(ours.summary.violations.map(spoken)).toEqual([]);
  });

  it('is asked of imports that could be followed', () => {
    const edges = (from: string) => ours.modules.find(({ source }) => source === from)?.dependencies.map(({ resolved }) => resolved);
    expect(edges('src/main.ts')).toEqual(expect.arrayContaining(['src/config.ts', 'src/program.ts']));
    expect(edges('src/order/order-status.ts')).toEqual(['src/kernel/state-machine.ts']);
    expect(edges('simulator/main.ts')).toContain('simulator/server.ts');
    expect(edges('cli/verify/alipay-form.ts')).toContain('src/payment/gateway/alipay/signing.ts');
  });

  it('leaves no folder of src without a rule', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const planted = new Set(IMPORT_PLANTS.map(({ files: [[file]] }) => file.split('/').slice(0, 2).join('/')));
    expect(folders.map(({ name }) => `src/${name}`).filter((folder) => !planted.has(folder))).toEqual([]);
  });

  it.each(rules.map(({ name }) => name))('%s: each planted violation is reported, by this rule and no other', (rule) => {
    const files = IMPORT_PLANTS.filter((one) => one.rule === rule).map(({ files: [[file]] }) => file);
    const reported = files.map((file) => {
      const found = planted.summary.violations.filter((violation) => concerns(violation, file));
      return [file, ...new Set(found.map((violation) => violation.rule.name))];
    });
    expect(files).not.toEqual([]);
    expect(reported).toEqual(files.map((file) => [file, rule]));
  });

  it('reports nothing else in the planted copy', () => {
    const before = new Set(ours.summary.violations.map(spoken));
    const plantedFiles = IMPORT_PLANTS.map(({ files: [[file]] }) => file);
    const others = planted.summary.violations.filter((violation) => !plantedFiles.some((file) => concerns(violation, file)));
    expect(others.map(spoken).filter((violation) => !before.has(violation))).toEqual([]);
  });
});
