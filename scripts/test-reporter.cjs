// Mocha reporter: prints failures and what was skipped only, and writes the counts to the file of `--reporter-option
// output=`.
const { writeFileSync } = require("node:fs");
const { reporters, Runner } = require("mocha");

module.exports = class Counts extends reporters.Base {
  /**
   * @param {import("mocha").Runner} runner
   * @param {import("mocha").MochaOptions & { reporterOption?: { output?: string } }} options
   */
  constructor(runner, options) {
    super(runner, options);
    /** @type {string[]} */
    const skipped = [];
    runner.on(Runner.constants.EVENT_TEST_PENDING, (/** @type {import("mocha").Test} */ test) =>
      skipped.push(test.fullTitle()),
    );
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      if (failures > 0) reporters.Base.list(this.failures);
      for (const title of skipped) reporters.Base.consoleLog(`  skipped: ${title}`);
      const { output } = options.reporterOptions ?? options.reporterOption ?? {};
      if (output) writeFileSync(output, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
    });
  }
};
