// Runs the specs once for each mutant in one process, so that what is slow (reading the code) is done once.
const { appendFileSync, readFileSync } = require('node:fs');
const { resolve } = require('node:path');
const { default: OrdinaryRunner } = require('jest-runner');

module.exports = class MutantRunner {
  constructor(globalConfig, context) {
    this.globalConfig = globalConfig;
    this.context = context;
    this.isSerial = true;
    this.supportsEventEmitters = true;
  }

  on() {
    return () => undefined;
  }

  async runTests(tests, watcher) {
    const plan = JSON.parse(readFileSync(process.env.MUTANTS_PLAN, 'utf8'));
    const inOrder = plan.specs.map((spec) => tests.find(({ path }) => path === resolve(spec)));
    const say = (line) => appendFileSync(process.env.MUTANTS_RESULTS, `${JSON.stringify(line)}\n`);
    for (const id of plan.wanted) {
      process.env.MUTANT = String(id);
      say({ id, begun: true });
      let failed;
      for (const test of inOrder) {
        failed = await this.firstFailure(test, watcher);
        if (failed !== undefined) break;
      }
      say({ id, failed: failed ?? null });
    }
  }

  async firstFailure(test, watcher) {
    const runner = new OrdinaryRunner(this.globalConfig, this.context);
    let failure;
    runner.on('test-file-success', ([, result]) => {
      const broken = result.testResults.find(({ status }) => status === 'failed');
      if (broken) failure = broken.fullName;
      else if (result.testExecError || result.failureMessage) failure = 'the file as a whole';
    });
    runner.on('test-file-failure', () => (failure = 'the file as a whole'));
    await runner.runTests([test], watcher, { serial: true });
    return failure;
  }
};
