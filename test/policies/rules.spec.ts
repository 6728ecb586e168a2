import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { environments } from "../../contract/environments";
import { configOf, levelOf, settingsOf } from "../../policies/config";
import { rules } from "../../policies/rules";
import untaggable from "../../policies/untaggable-types.json";
import { untaggableTypes } from "../../scripts/untaggable-types";

const pack = join(__dirname, "../../policies");

/**
 * What each environment demands: mandatory where nothing else is said. A rule that is disabled has its reason in
 * docs/checks-in-ci.md.
 */
const pinned: Readonly<Record<string, Readonly<Record<(typeof environments)[number], string>>>> = Object.fromEntries(
  [
    ["required-tags", "remediate", "remediate", "mandatory"],
    ["expires-tag"],
    ["provider-guard"],
    ["no-iam-users"],
    ["permissions-boundary"],
    ["no-wildcard-permissions"],
    ["no-wildcard-pass-role"],
    ["trust-limited"],
    ["human-trust-mfa", "disabled", "disabled", "mandatory"],
    ["dataset-bucket-read-only"],
    ["no-public-or-unencrypted-bucket"],
    ["bucket-versioned"],
    ["bucket-tls-only"],
    ["no-public-resource-policy"],
    ["no-plaintext-secrets"],
    ["kms-encryption"],
    ["kms-key-rotation"],
    ["no-force-destroy"],
    ["closed-ingress"],
    ["closed-egress"],
    ["vpc-flow-logs"],
    ["workloads-in-vpc", "disabled", "mandatory", "mandatory"],
    ["model-network-isolation"],
    ["studio-vpc-only", "disabled"],
    ["studio-idle-shutdown"],
    ["notebook-closed"],
    ["instance-allow-list"],
    ["gpu-count"],
    ["spot-training", "mandatory", "mandatory", "disabled"],
    ["job-runtime-bounded"],
    ["autoscaling-bounds"],
    ["budget-present"],
    ["monthly-price-ceiling"],
    ["endpoint-monitored"],
    ["monitoring-present"],
    ["explicit-deployment-config"],
    ["rollout-guarded"],
    ["content-named-configuration"],
    ["no-monitored-serverless"],
    ["no-closed-services"],
    ["model-licence"],
    ["model-card"],
    ["trusted-images"],
    ["host-fits-image"],
    ["alarm-notifies"],
    ["event-target-dead-letter"],
    ["log-retention"],
    ["trail-protected"],
    ["image-repository-immutable"],
    ["build-project-closed"],
    ["lambda-runtime-supported"],
  ].map(([name, dev = "mandatory", staging = "mandatory", prod = "mandatory"]) => [name, { dev, staging, prod }]),
);
const names = Object.keys(pinned);

describe("the policy pack", () => {
  it("holds exactly these rules, in this order", () => {
    assert.deepEqual(
      rules.map(({ name }) => name),
      names,
    );
  });

  it("has one file and one spec per rule, and no file without a rule", () => {
    assert.deepEqual(readdirSync(join(pack, "rules")).sort(), names.map((name) => `${name}.ts`).sort());
    assert.deepEqual(readdirSync(join(__dirname, "rules")).sort(), names.map((name) => `${name}.spec.ts`).sort());
  });

  for (const environment of environments) {
    it(`enforces exactly this in ${environment}`, () => {
      assert.deepEqual(
        Object.fromEntries(names.map((name) => [name, levelOf(environment, name)])),
        Object.fromEntries(names.map((name) => [name, pinned[name]![environment]])),
      );
    });

    it(`configures in ${environment} nothing that does not exist`, () => {
      const config = configOf(environment) as Record<string, unknown>;
      for (const [name, given] of Object.entries(config).filter(([name]) => name !== "all")) {
        const rule = rules.find((one) => one.name === name);
        assert.ok(rule, `there is no rule ${name}`);
        const known = [...Object.keys(rule.configSchema?.properties ?? {}), "enforcementLevel"];
        for (const setting of typeof given === "object" ? Object.keys(given as object) : [])
          assert.ok(known.includes(setting), `${name} has no setting ${setting}`);
      }
    });
  }

  it("demands a trail and a budget everywhere", () => {
    for (const environment of environments)
      for (const name of ["trail-protected", "budget-present"])
        assert.deepEqual(settingsOf(environment, name), { present: true }, `${name} in ${environment}`);
  });

  it("lets no environment use more instance types than it configures", () => {
    for (const environment of environments) {
      const { serving, jobs } = configOf(environment)!["instance-allow-list"] as unknown as {
        serving: string[];
        jobs: string[];
      };
      assert.ok([...serving, ...jobs].every((type) => /^ml\.[a-z0-9]+\.\d*x?large$/.test(type)));
    }
  });

  it("says of every rule how severe it is, where it comes from and what to do", () => {
    for (const rule of rules) {
      assert.equal(typeof rule.validateResource, "function");
      for (const member of ["description", "displayName", "severity", "remediationSteps", "url"] as const)
        assert.ok(rule[member], `${rule.name}: ${member}`);
      assert.ok(rule.framework?.reference && rule.framework.specification, rule.name);
      assert.match(rule.url!, /^https:\/\//, rule.name);
      for (const property of Object.values(rule.configSchema?.properties ?? {}))
        assert.ok(!("default" in property), `${rule.name}: a default of the schema would hide config/<stack>.json`);
    }
  });

  it("looks only at types that the AWS provider has", () => {
    const sdk = createRequire(__filename)
      .resolve("@pulumi/aws/package.json")
      .replace(/package\.json$/, "");
    const files = [
      ...readdirSync(join(pack, "rules")).map((file) => join("rules", file)),
      ...readdirSync(pack).filter((file) => file.endsWith(".ts")),
    ];
    const tokens = new Set(
      files.flatMap((file) =>
        [...readFileSync(join(pack, file), "utf8").matchAll(/"aws:(\w+)\/(\w+):(\w+)"/g)].map(
          ([, module, file, name]) => `${module}/${file}:${name}`,
        ),
      ),
    );
    const missing = [...tokens].filter(
      (token) =>
        !existsSync(join(sdk, `${token.split(":")[0]}.d.ts`)) ||
        !readFileSync(join(sdk, `${token.split(":")[0]}.d.ts`), "utf8").includes(`class ${token.split(":")[1]} `),
    );
    assert.deepEqual(missing, []);
    assert.ok(tokens.size > 50);
  });

  it("knows which types take no tags, as the installed provider has it", () => {
    assert.deepEqual(untaggable, untaggableTypes(), "run: node -r ./scripts/register.cjs scripts/untaggable-types.ts");
  });

  it("tells why a rule is disabled, and how many rules there are", () => {
    const reasons = readFileSync(join(pack, "../docs/checks-in-ci.md"), "utf8").split(
      "## Rules that are switched off",
    )[1]!;
    const disabled = names.filter((name) =>
      environments.some((environment) => levelOf(environment, name) === "disabled"),
    );
    assert.deepEqual(
      disabled.filter((name) => !reasons.includes(`\`${name}\``)),
      [],
    );
    assert.match(readFileSync(join(pack, "README.md"), "utf8"), new RegExp(`: ${rules.length} rules about`));
  });

  it("has a version, without which the engine refuses a pack, and starts from compiled JavaScript", () => {
    const { main, version } = JSON.parse(readFileSync(join(pack, "package.json"), "utf8")) as {
      main: string;
      version: string;
    };
    assert.match(version, /^\d+\.\d+\.\d+$/);
    assert.equal(main, "dist/index.js");
  });
});
