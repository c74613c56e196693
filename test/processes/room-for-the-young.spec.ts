import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { ROOM_FOR_THE_YOUNG } from '../../src/processes/room-for-the-young.js';

describe('A process has room for what dies young', () => {
  it('because V8 heeds what it is told at the start', () => {
    const longest = "console.log(require('v8').getHeapStatistics().heap_size_limit)";
    const limit = (...flags: string[]) => Number(execFileSync(process.execPath, [...flags, '-e', longest], { encoding: 'utf8' }));
    expect(limit(ROOM_FOR_THE_YOUNG) - limit()).toBeGreaterThan(100 * 1024 * 1024);
  });

  it.each(['package.json', 'docs/operations.md', 'bench/contenders/suanpan.ts'])('and because %s tells it', (file) => {
    expect(readFileSync(file, 'utf8')).toContain(ROOM_FOR_THE_YOUNG);
  });
});
