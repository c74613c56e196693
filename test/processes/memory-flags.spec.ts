import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { MEMORY_FLAGS } from '../../src/processes/memory-flags.js';

describe('A process has room for what dies young, and lets pile up what grew old', () => {
  it('because V8 heeds what it is told at the start', () => {
    const longest = "console.log(require('v8').getHeapStatistics().heap_size_limit)";
    const limit = (flags: readonly string[]) => Number(execFileSync(process.execPath, [...flags, '-e', longest], { encoding: 'utf8' }));
    expect(limit(MEMORY_FLAGS) - limit([])).toBeGreaterThan(100 * 1024 * 1024);
  });

  it('because V8 knows all of it', () => {
    const endWith = (flag: string) => spawnSync(process.execPath, [flag, '-e', '0']).status;
    expect(MEMORY_FLAGS.map(endWith)).toEqual([0, 0]);
    expect(endWith('--no-such-flag')).not.toBe(0);
  });

  it.each(['package.json', 'docs/operations.md'])('and because %s tells it', (file) => {
    expect(readFileSync(file, 'utf8')).toContain(`node ${MEMORY_FLAGS.join(' ')} `);
  });

  it('and is measured with it', () => {
    expect(readFileSync('bench/contenders/suanpan.ts', 'utf8')).toContain(`[${MEMORY_FLAGS.map((flag) => `'${flag}'`).join(', ')}]`);
  });
});
