import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { findNode } from "../support/newer-nodes";

const project = resolve(__dirname, "../..");
const run = promisify(execFile);
/** Of each kind one: pure code, the program on mocks, a local cloud in processes of its own. */
const specs = ["test/lifecycle/canonical.spec.ts", "test/infra/naming.spec.ts", "test/local/core/daemon.spec.ts"];

for (const major of [22, 24])
  describe(`on Node ${major}`, function () {
    this.timeout(600_000);
    const node = findNode(major);
    if (!node) {
      // A test without a body is skipped, and its title is printed.
      it(`is not found here: "npx -p node@${major} node -v" brings it, PEREGRINE_NODE_${major} names one`);
      return;
    }
    const variables = {
      ...process.env,
      PATH: [dirname(node), process.env["PATH"]].join(delimiter),
      // The loader and the specs choose for themselves; nothing of this run may lead them.
      NODE_OPTIONS: "",
    };
    const onNode = (...args: string[]) =>
      run(node, args, { cwd: project, env: variables, maxBuffer: 16 * 1024 * 1024 });

    it("the command line answers, and Node warns of nothing", async () => {
      const { stdout, stderr } = await onNode("scripts/peregrine.cjs", "--help");
      assert.match(stdout, /^Usage: peregrine/);
      assert.equal(stderr, "");
    });

    it("functions and the policy pack are built", async () => {
      const { stdout } = await onNode("scripts/build.mjs", "--functions", "--policies");
      assert.match(stdout, /policies\/dist\/index\.js/);
    });

    it("specs pass, those of the local cloud among them", async () => {
      const files = specs.flatMap((file) => ["--spec", file]);
      const options = ["--no-config", "--exit", "--extension", "ts", "--timeout", "240000", "--reporter", "json"];
      const mocha = join("node_modules", "mocha", "bin", "mocha.js");
      const { stdout } = await onNode(mocha, ...options, "-r", "./scripts/register.cjs", ...files);
      const { stats } = JSON.parse(stdout.slice(stdout.indexOf("{\n"))) as {
        stats: { passes: number; failures: number; suites: number };
      };
      assert.equal(stats.failures, 0);
      assert.ok(stats.passes > 10, `${stats.passes} passed`);
    });
  });
