import { UsageError } from '../../bench/failures.js';
import { SCENARIO_NAMES, readSettings } from '../../bench/settings.js';

describe("The benchmark's command line", () => {
  it('measures orders on an embedded PostgreSQL where nothing is said', () => {
    expect(readSettings([], {})).toMatchObject({
      scenarios: ['order'],
      ...{ seconds: 8, warmUp: 3, rounds: 5, connections: 64, processes: undefined },
      ...{ only: ['suanpan', 'bare', 'pgbench'], databaseUrl: undefined, dataDir: '.data', writeDocs: false },
    });
  });

  it('takes what is said, and keeps the order in which scenarios are told', () => {
    const args = ['--scenario', 'notice,order', '--seconds', '0.5', '--rounds', '1', '--only', 'bare', '--out', '/tmp/out'];
    expect(readSettings(args, { DATA_DIR: '/tmp/data', PGBENCH: '/opt/pgbench' })).toMatchObject({
      ...{ scenarios: ['order', 'notice'], seconds: 0.5, warmUp: 0.25, rounds: 1, only: ['bare'] },
      ...{ out: '/tmp/out', dataDir: '/tmp/data', pgbench: '/opt/pgbench' },
    });
    expect(readSettings(['--scenario', 'all'], {})).toMatchObject({
      scenarios: SCENARIO_NAMES.filter((name) => !['memory', 'growth'].includes(name)),
    });
    expect(readSettings(['--help'], {})).toBe('help');
  });

  it.each([
    [['--scenario', 'nothing'], '--scenario: there is no nothing'],
    [['--seconds', '0'], '--seconds: must be a number from 0.5 to 3600'],
    [['--seconds', 'long'], '--seconds: must be a number'],
    [['--rounds', '1.5'], '--rounds: must be a whole number from 1 to 100'],
    [['--connections', '-1'], ''],
    [['--only', 'vendure'], '--only: there is no vendure'],
    [['--database-url', 'mysql://root:secret@localhost/x'], '--database-url: must be an address that begins with postgres://'],
    [['--fast'], "Unknown option '--fast'"],
    [['order'], 'Unexpected argument'],
  ])('refuses %j in one line', (args, line) => {
    const refuse = () => readSettings(args, {});
    expect(refuse).toThrow(UsageError);
    expect(refuse).toThrow(line);
    expect(refuse).not.toThrow(/secret|\n/);
  });
});
