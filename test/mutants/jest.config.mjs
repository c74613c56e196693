import ordinary from '../../jest.config.mjs';

const { globalSetup, globalTeardown, ...others } = ordinary;

export default {
  ...others,
  rootDir: '../..',
  transform: { '\\.[cm]?[jt]s$': '<rootDir>/test/mutants/transformer.cjs' },
  runner: '<rootDir>/test/mutants/runner.cjs',
  reporters: [],
  maxWorkers: 1,
  testTimeout: 30_000,
  ...(process.env.MUTANTS_DATABASE === 'true' ? { globalSetup, globalTeardown } : {}),
};
