import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rules } from "../../policies/rules";

const pack = join(__dirname, "../../policies");
const environments = ["dev", "staging", "prod"];
const names = ["required-tags", "instance-allow-list", "no-public-or-unencrypted-bucket", "dataset-bucket-read-only", "endpoint-monitored", "no-wildcard-pass-role", "monthly-price-ceiling"];

describe("the policy pack", () => {
  it("holds exactly these rules, in this order", () => {
    assert.deepEqual(rules.map(({ name }) => name), names);
  });

  it("has one file per rule, and no file without a rule", () => {
    assert.deepEqual(readdirSync(join(pack, "rules")).sort(), names.map((name) => `${name}.ts`).sort());
    for (const name of names) assert.ok(existsSync(join(__dirname, "rules", `${name}.spec.ts`)), `${name} has no spec`);
  });

  for (const environment of environments)
    it(`enforces every rule in ${environment}`, () => {
      const config = JSON.parse(readFileSync(join(pack, "config", `${environment}.json`), "utf8")) as Record<string, unknown>;
      assert.equal(config["all"], "mandatory");
      const levels = rules.map(({ name }) => (config[name] as { enforcementLevel?: string } | undefined)?.enforcementLevel ?? config["all"]);
      assert.deepEqual(levels, names.map(() => "mandatory"));
      assert.deepEqual(Object.keys(config).filter((name) => name !== "all" && !names.includes(name)), [], "configures rules that do not exist");
    });

  it("lets no environment use more instance types than it configures", () => {
    for (const environment of environments) {
      const config = JSON.parse(readFileSync(join(pack, "config", `${environment}.json`), "utf8")) as Record<string, { serving: string[]; jobs: string[] }>;
      assert.ok([...config["instance-allow-list"]!.serving, ...config["instance-allow-list"]!.jobs].every((type) => /^ml\.[a-z0-9]+\.\d*x?large$/.test(type)));
    }
  });

  it("says of every rule how severe it is, where it comes from and what to do", () => {
    for (const rule of rules) {
      assert.equal(typeof rule.validateResource, "function");
      for (const member of ["description", "displayName", "severity", "remediationSteps", "url"] as const) assert.ok(rule[member], `${rule.name}: ${member}`);
      assert.ok(rule.framework?.reference && rule.framework.specification, rule.name);
    }
  });

  it("has a version, without which the engine refuses a pack, and starts from compiled JavaScript", () => {
    const { main, version } = JSON.parse(readFileSync(join(pack, "package.json"), "utf8")) as { main: string; version: string };
    assert.match(version, /^\d+\.\d+\.\d+$/);
    assert.equal(main, "dist/index.js");
  });
});
