import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { rules } from "../../policies/rules";
import { judge, planted } from "../support/policy";

const specs = join(__dirname, "rules");

describe("violations planted in the specs of the rules", () => {
  before(() => {
    for (const file of readdirSync(specs)) if (!planted.has(file.replace(".spec.ts", ""))) require(join(specs, file));
  });

  it("are all reported by their rule when the whole pack looks, before anything is created", () => {
    const missed: string[] = [];
    let count = 0;
    for (const [name, examples] of planted)
      for (const [title, [type, props, , surroundings]] of Object.entries(examples)) {
        count += 1;
        const reporting = rules.filter(
          (rule) =>
            judge(rule, type, props, rule.name === name ? surroundings : { ...surroundings, config: {} }).violations
              .length > 0,
        );
        if (!reporting.some((rule) => rule.name === name)) missed.push(`${name}: ${title}`);
      }
    assert.deepEqual(missed, []);
    assert.ok(count >= 150, `${count} violations are planted`);
  });

  it("plants some for every rule that looks at single resources", () => {
    const older = [
      "required-tags",
      "instance-allow-list",
      "no-public-or-unencrypted-bucket",
      "dataset-bucket-read-only",
      "endpoint-monitored",
      "no-wildcard-pass-role",
    ];
    const whole = rules.filter(({ name }) => Object.keys(planted.get(name) ?? {}).length === 0).map(({ name }) => name);
    assert.deepEqual(
      whole.filter((name) => !older.includes(name)),
      ["vpc-flow-logs", "monitoring-present", "rollout-guarded"],
      "these see the whole stack only, and plant in their own tests",
    );
  });
});
