// Who may know whom (docs/architecture.md). test/architecture/imports.spec.ts runs these rules and proves each by a planted violation.

const MODULES = 'order|inventory|payment|catalog|merchant';
const PROGRAMS = '^(src|simulator|demo|cli|bench|ops|faults|security|test)/';

/** Rules that hold whatever the outside does: plain functions, which neither a package nor Node may reach into. */
const PURE_RULES = [
  'src/kernel/(money|domain-error|state-machine|batcher)',
  'src/inventory/allocate',
  'src/order/(fulfilment|order-pricing|order-status)',
  'src/payment/(payment-states|asking|out-trade-no)',
];

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    forbid(
      'kernel-imports-nothing-of-ours',
      'The kernel is what everything else stands on.',
      { path: '^src/kernel/' },
      { path: '^src/', pathNot: '^src/kernel/' },
    ),
    forbid(
      'contracts-import-only-the-kernel',
      'Events and ports are values and questions: they know nobody who publishes, hears or answers them.',
      { path: '^src/contracts/' },
      { path: '^src/', pathNot: '^src/(kernel|contracts)/' },
    ),
    forbid(
      'platform-knows-no-module',
      'The platform serves every module and can tell none from another.',
      { path: '^src/platform/' },
      { path: '^src/', pathNot: '^src/(kernel|contracts|platform)/' },
    ),
    forbid(
      'modules-never-import-one-another',
      'Modules meet in contracts/: changes travel as events, questions through a port.',
      { path: `^src/(${MODULES})/` },
      { path: '^src/', pathNot: '^src/(kernel|contracts|platform|$1)/' },
    ),
    forbid(
      'only-the-program-joins-the-modules',
      'app.module.ts puts the modules together, and program.ts and main.ts start them; no other file beside them knows any.',
      { path: '^src/[^/]+$', pathNot: '^src/(app\\.module|program|main|write-openapi|config)\\.ts$' },
      { path: `^src/(${MODULES})/` },
    ),
    forbid(
      'processes-know-only-the-program',
      'Who begins and ends processes knows what they run, and nothing of what that does.',
      { path: '^src/processes/' },
      { path: '^src/', pathNot: '^src/(kernel/|platform/logging/|processes/|(program|start-problem)\\.ts$)' },
    ),
    forbid(
      'the-settings-know-only-the-forms-of-accounts',
      'config.ts checks accounts at gateways as each gateway describes them, and knows nothing else of any module.',
      { path: '^src/config\\.ts$' },
      { path: `^src/(${MODULES})/`, pathNot: '^src/payment/gateway/((alipay|wechatpay|unionpay)/settings|settings|gateway)\\.ts$' },
    ),
    forbid(
      'migrations-stand-alone',
      'What a migration did must not change because the code around it does.',
      { path: '^src/migrations/' },
      { path: '^src/', pathNot: '^src/migrations/' },
    ),
    forbid(
      'adapters-know-only-the-gateway-interface',
      'An adapter knows the interface it fulfils, what adapters share, and the kernel: no entity, no other adapter.',
      { path: '^src/payment/gateway/([^/]+)/' },
      {
        path: '^src/',
        pathNot: '^src/(payment/gateway/$1/|payment/gateway/(gateway|settings|rsa|http-client|form|archive)\\.ts$|kernel/)',
      },
    ),
    forbid(
      'src-knows-no-other-program',
      'The program would work against the real gateways if simulator, demo, command line and tests were deleted.',
      { path: '^src/' },
      { path: '^(simulator|demo|cli|bench|ops|faults|security|test)/' },
    ),
    forbid(
      'simulator-stands-alone',
      'A mistake that simulator and adapter share would cancel itself out.',
      { path: '^simulator/' },
      { path: PROGRAMS, pathNot: '^simulator/' },
    ),
    forbid(
      'demo-stands-alone',
      'The demo is a client: it has the HTTP API and nothing else.',
      { path: '^demo/' },
      { path: PROGRAMS, pathNot: '^demo/' },
    ),
    forbid(
      'the-command-line-uses-only-the-adapters',
      'It shows what the adapters sign and verify, and starts fast: no module, no database, no other program.',
      { path: '^cli/' },
      { path: PROGRAMS, pathNot: '^(cli|src/payment/gateway|src/kernel)/' },
    ),
    forbid(
      'the-benchmark-uses-only-the-database',
      'It measures the program from outside: the schema, a PostgreSQL to run it on and the invariants are all that it shares with it.',
      // What fills a database makes rows as the program would, and what explains its plans listens to the program itself.
      { path: '^bench/', pathNot: '^bench/(fill|explain)' },
      { path: PROGRAMS, pathNot: '^(bench/|src/migrations/|src/platform/(database|invariants)/)' },
    ),
    forbid(
      'the-rehearsal-uses-only-the-database',
      'It runs the program from outside, as whoever operates it does, and as the benchmark does: a PostgreSQL and the invariants are all that it shares with it.',
      { path: '^ops/' },
      { path: PROGRAMS, pathNot: '^(ops/|bench/(world/|failures)|src/platform/(database|invariants)/)' },
    ),
    forbid(
      'the-fault-harness-looks-from-outside',
      'What it judges by shares nothing with the program but the schema, a PostgreSQL to run it on, and the invariants.',
      { path: '^faults/' },
      { path: PROGRAMS, pathNot: '^(faults/|bench/(world|report)/|bench/failures|src/migrations/|src/platform/(database|invariants)/)' },
    ),
    forbid(
      'the-bare-server-stands-alone',
      'What the program is measured against is a server without it, and without whoever measures.',
      { path: '^bench/baseline/' },
      { path: PROGRAMS, pathNot: '^bench/baseline/' },
    ),
    forbid(
      'the-driver-stands-alone',
      'It is a client and a gateway: it has the HTTP API and nothing else.',
      { path: '^bench/driver/' },
      { path: PROGRAMS, pathNot: '^bench/driver/' },
    ),
    forbid(
      'the-attacker-has-only-the-address-and-the-books',
      'The attack corpus is somebody outside, who reads the database only to see what came of it: no code of the program, but for the invariants and where its PostgreSQL is.',
      { path: '^security/' },
      { path: PROGRAMS, pathNot: '^(security/|bench/(world/|failures)|src/platform/(database|invariants)/)' },
    ),
    forbid(
      'rules-are-pure',
      'The rules of money, stock and states are plain functions: no package, nothing of Node.',
      { path: `^(${PURE_RULES.join('|')})\\.ts$` },
      { pathNot: '^src/' },
    ),
    forbid(
      'no-development-packages',
      'What runs in production is installed with `npm ci --omit=dev`.',
      { path: '^(src|simulator|demo|cli|bench|ops|faults|security)/' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm'], pathNot: '^node_modules/@types/' },
    ),
    forbid(
      'only-declared-packages',
      'A package that only another package brings goes away without notice.',
      { path: '^(src|simulator|demo|cli|bench|ops|faults|security)/' },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    ),
    forbid(
      'no-circular-imports',
      'Two files that need one another are one file, or three. Types count.',
      { path: '^(src|simulator|demo|cli|bench|ops|faults|security)/' },
      { circular: true },
    ),
    forbid(
      'every-import-resolves',
      'An import that leads nowhere would slip past every other rule.',
      { path: '^(src|simulator|demo|cli|bench|ops|faults|security)/' },
      { couldNotResolve: true },
    ),
  ],
  options: {
    doNotFollow: { path: '^node_modules/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: false,
    // So that the planted copy, which has a link to node_modules, is judged as the original.
    preserveSymlinks: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
