type PlantedFile = readonly [file: string, text: string];

/** Files that break one import rule each. */
export interface Plant {
  readonly rule: string;
  /** Each file of the violation and its text; the first is the one that the rule must report. */
  readonly files: readonly [PlantedFile, ...PlantedFile[]];
}

const plant = (rule: string, file: string, text: string, ...others: PlantedFile[]): Plant => ({
  rule,
  files: [[file, text], ...others],
});

const MODULES = ['order', 'inventory', 'payment', 'catalog', 'merchant'];

const target = (room: string): PlantedFile => [`src/${room}/target.ts`, 'export const here = 1;\nexport type Here = number;\n'];

/** Every module importing every other one. */
const acquaintances = MODULES.flatMap((from) =>
  MODULES.filter((to) => to !== from).map((to) =>
    plant('modules-never-import-one-another', `src/${from}/knows-${to}.ts`, `import '../${to}/target.js';\n`, target(to)),
  ),
);

const PURE_FILES = [
  'src/kernel/money.ts',
  'src/kernel/domain-error.ts',
  'src/kernel/state-machine.ts',
  'src/kernel/batcher.ts',
  'src/inventory/allocate.ts',
  'src/order/fulfilment.ts',
  'src/order/order-pricing.ts',
  'src/order/order-status.ts',
  'src/payment/payment-states.ts',
  'src/payment/asking.ts',
  'src/payment/out-trade-no.ts',
];

export const IMPORT_PLANTS: readonly Plant[] = [
  plant('kernel-imports-nothing-of-ours', 'src/kernel/planted.ts', `import '../contracts/target.js';\n`, target('contracts')),
  plant(
    'kernel-imports-nothing-of-ours',
    'src/kernel/planted-type.ts',
    `import type { Config } from '../config.js';\nexport type It = Config;\n`,
  ),
  plant('contracts-import-only-the-kernel', 'src/contracts/planted.ts', `import '../platform/target.js';\n`, target('platform')),
  plant('contracts-import-only-the-kernel', 'src/contracts/planted-module.ts', `export * from '../order/target.js';\n`, target('order')),
  plant('platform-knows-no-module', 'src/platform/planted.ts', `import { here } from '../order/target.js';\nvoid here;\n`, target('order')),
  plant('platform-knows-no-module', 'src/platform/jobs/planted.ts', `void import('../../merchant/target.js');\n`, target('merchant')),
  plant('platform-knows-no-module', 'src/platform/planted-settings.ts', `import '../config.js';\n`),
  plant('processes-know-only-the-program', 'src/processes/planted.ts', `import '../order/target.js';\n`, target('order')),
  plant('processes-know-only-the-program', 'src/processes/planted-http.ts', `import '../platform/http/metrics.js';\n`),
  plant(
    'processes-know-only-the-program',
    'src/processes/planted-type.ts',
    `import type { Config } from '../config.js';\nexport type It = Config;\n`,
  ),
  ...acquaintances,
  plant(
    'modules-never-import-one-another',
    'src/order/planted-type.ts',
    `import type { Here } from '../payment/target.js';\nexport type It = Here;\n`,
    target('payment'),
  ),
  plant(
    'modules-never-import-one-another',
    'src/order/planted-inline-type.ts',
    `export type It = import('../payment/target.js').Here;\n`,
    target('payment'),
  ),
  plant(
    'modules-never-import-one-another',
    'src/order/planted-reexport.ts',
    `export { here } from '../payment/target.js';\n`,
    target('payment'),
  ),
  plant('modules-never-import-one-another', 'src/order/planted-dynamic.ts', `void import('../payment/target.js');\n`, target('payment')),
  plant('modules-never-import-one-another', 'src/payment/gateway/planted.ts', `import '../../order/target.js';\n`, target('order')),
  plant('modules-never-import-one-another', 'src/inventory/planted-settings.ts', `import '../config.js';\n`),
  plant('modules-never-import-one-another', 'src/catalog/planted-migration.ts', `import '../migrations/index.js';\n`),
  plant('only-the-program-joins-the-modules', 'src/planted.ts', `import './order/target.js';\n`, target('order')),
  plant('the-settings-know-only-the-forms-of-accounts', 'src/config.ts', `import './payment/target.js';\n`, target('payment')),
  plant('the-settings-know-only-the-forms-of-accounts', 'src/config.ts', `import './payment/gateway/alipay/signing.js';\n`),
  plant('migrations-stand-alone', 'src/migrations/planted.ts', `import '../kernel/target.js';\n`, target('kernel')),
  plant(
    'adapters-know-only-the-gateway-interface',
    'src/payment/gateway/alipay/planted.ts',
    `import '../../target.js';\n`,
    target('payment'),
  ),
  plant(
    'adapters-know-only-the-gateway-interface',
    'src/payment/gateway/alipay/planted-other.ts',
    `import '../otherpay/target.js';\n`,
    target('payment/gateway/otherpay'),
  ),
  plant('adapters-know-only-the-gateway-interface', 'src/payment/gateway/otherpay/planted.ts', `import '../alipay/signing.js';\n`),
  plant('adapters-know-only-the-gateway-interface', 'src/payment/gateway/alipay/planted-registry.ts', `import '../gateways.js';\n`),
  plant('adapters-know-only-the-gateway-interface', 'src/payment/gateway/alipay/planted-providers.ts', `import '../providers.js';\n`),
  plant(
    'adapters-know-only-the-gateway-interface',
    'src/payment/gateway/alipay/planted-platform.ts',
    `import '../../../platform/target.js';\n`,
    target('platform'),
  ),
  plant('src-knows-no-other-program', 'src/planted-simulator.ts', `import '../simulator/target.js';\n`, [
    'simulator/target.ts',
    'export {};\n',
  ]),
  plant('src-knows-no-other-program', 'src/payment/planted-demo.ts', `import '../../demo/target.js';\n`, [
    'demo/target.ts',
    'export {};\n',
  ]),
  plant('src-knows-no-other-program', 'src/kernel/planted-test.ts', `import '../../test/target.js';\n`, ['test/target.ts', 'export {};\n']),
  plant('simulator-stands-alone', 'simulator/alipay/planted.ts', `import '../../src/kernel/target.js';\n`, target('kernel')),
  plant('simulator-stands-alone', 'simulator/planted.ts', `import '../demo/target.js';\n`, ['demo/target.ts', 'export {};\n']),
  plant('demo-stands-alone', 'demo/planted.ts', `import '../src/kernel/target.js';\n`, target('kernel')),
  plant('demo-stands-alone', 'demo/planted-simulator.ts', `import '../simulator/target.js';\n`, ['simulator/target.ts', 'export {};\n']),
  plant('src-knows-no-other-program', 'src/planted-cli.ts', `import '../cli/target.js';\n`, ['cli/target.ts', 'export {};\n']),
  plant('demo-stands-alone', 'demo/planted-cli.ts', `import '../cli/target.js';\n`, ['cli/target.ts', 'export {};\n']),
  plant('the-command-line-uses-only-the-adapters', 'cli/planted.ts', `import '../src/payment/target.js';\n`, target('payment')),
  plant('the-command-line-uses-only-the-adapters', 'cli/planted-settings.ts', `import '../src/config.js';\n`),
  plant('the-command-line-uses-only-the-adapters', 'cli/verify/planted-simulator.ts', `import '../../simulator/target.js';\n`, [
    'simulator/target.ts',
    'export {};\n',
  ]),
  plant('src-knows-no-other-program', 'src/planted-bench.ts', `import '../bench/target.js';\n`, ['bench/target.ts', 'export {};\n']),
  plant('the-rehearsal-uses-only-the-database', 'ops/planted.ts', `import '../src/order/target.js';\n`, target('order')),
  plant('the-benchmark-uses-only-the-database', 'bench/planted.ts', `import '../src/order/target.js';\n`, target('order')),
  plant('the-benchmark-uses-only-the-database', 'bench/planted-platform.ts', `import '../src/platform/events/unit-of-work.js';\n`),
  plant('the-benchmark-uses-only-the-database', 'bench/world/planted-simulator.ts', `import '../../simulator/target.js';\n`, [
    'simulator/target.ts',
    'export {};\n',
  ]),
  plant('the-fault-harness-looks-from-outside', 'faults/judge/planted.ts', `import '../../src/order/target.js';\n`, target('order')),
  plant('the-fault-harness-looks-from-outside', 'faults/planted-simulator.ts', `import '../simulator/target.js';\n`, [
    'simulator/target.ts',
    'export {};\n',
  ]),
  plant('the-bare-server-stands-alone', 'bench/baseline/planted.ts', `import '../../src/migrations/index.js';\n`),
  plant('the-bare-server-stands-alone', 'bench/baseline/planted-world.ts', `import '../failures.js';\n`),
  plant('the-driver-stands-alone', 'bench/driver/planted.ts', `import '../failures.js';\n`),
  plant('the-driver-stands-alone', 'bench/driver/planted-signatures.ts', `import '../../src/platform/database/migrate.js';\n`),
  plant('the-attacker-has-only-the-address-and-the-books', 'security/planted.ts', `import '../src/kernel/money.js';\n`),
  plant(
    'the-attacker-has-only-the-address-and-the-books',
    'security/attacks/planted-simulator.ts',
    `import '../../simulator/target.js';\n`,
    ['simulator/target.ts', 'export {};\n'],
  ),
  ...PURE_FILES.map((file) => plant('rules-are-pure', file, `import 'pg';\n`)),
  plant('rules-are-pure', 'src/kernel/money.ts', `import 'node:crypto';\n`),
  plant('no-development-packages', 'src/platform/planted-development.ts', `import 'fast-check';\n`),
  plant('no-development-packages', 'simulator/planted-development.ts', `import 'alipay-sdk';\n`),
  plant('only-declared-packages', 'src/platform/planted-undeclared.ts', `import 'tslib';\n`),
  plant('no-circular-imports', 'src/platform/planted-circle.ts', `import './planted-circle-too.js';\n`, [
    'src/platform/planted-circle-too.ts',
    `import './planted-circle.js';\n`,
  ]),
  plant(
    'no-circular-imports',
    'simulator/planted-circle.ts',
    `import type { B } from './planted-circle-too.js';\nexport type A = B | 1;\n`,
    ['simulator/planted-circle-too.ts', `import type { A } from './planted-circle.js';\nexport type B = A | 2;\n`],
  ),
  plant('every-import-resolves', 'src/order/planted-nowhere.ts', `import './nowhere.js';\n`),
  plant('every-import-resolves', 'src/order/planted-no-package.ts', `import 'no-such-package-anywhere';\n`),
];
