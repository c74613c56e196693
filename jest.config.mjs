export default {
  rootDir: '.',
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  testMatch: ['<rootDir>/test/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'json', 'node'],
  // Only for --findRelatedTests and --onlyChanged, which resolve the specifiers as they are written.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1', '$1.js'] },
  transform: { '\\.[cm]?[jt]s$': '<rootDir>/test/support/swc-cjs-transformer.cjs' },
  transformIgnorePatterns: ['\\.node$'],
  // The tests wait for PostgreSQL as much as they compute, so no core is kept free.
  maxWorkers: '100%',
  // For what hangs, and not for what is slow on a machine that has much else to do.
  testTimeout: 120_000,
};
