// Mocha reporter: prints failures and what was skipped only, and writes the counts to the file of `--reporter-option
// output=`. A run whose process does not end by itself fails, rather than waiting for what a test left behind.
const { writeFileSync } = require("node:fs");
const { reporters, Runner } = require("mocha");

/** What a run may take to end after its last test. */
const endsWithinMs = 60_000;

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
      setTimeout(() => {
        reporters.Base.consoleLog(`  still alive after the last test: ${process.getActiveResourcesInfo().join(", ")}`);
        process.exit(1);
      }, endsWithinMs).unref();
    });
  }
};
