import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { ROOM_FOR_THE_OLD } from '../../src/processes/room-for-the-old.js';

/** What V8 has to say to it: of what it does not know, that it does not. */
const answerTo = (flag: string) =>
  spawnSync(process.execPath, ['-e', 'require("node:v8").setFlagsFromString(process.argv[1])', '--', flag], { encoding: 'utf8' }).stderr;

describe('A process lets what grew old pile up for a while', () => {
  it('because V8 knows what it is told', () => {
    expect(answerTo('--no-such-flag')).toContain('unrecognized');
    expect(answerTo(ROOM_FOR_THE_OLD)).toBe('');
  });

  it.each(['src/main.ts', 'src/processes/child.ts'])('and because %s tells it', (file) => {
    expect(readFileSync(file, 'utf8')).toMatch(/^ {0,2}giveRoomToTheOld\(\);$/m);
  });
});
