import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { CheckReport } from "../../automation/check/check";
import { engineVariables } from "../../local/provider/engine-variables";
import { startProvider, type RunningProvider } from "../../local/provider/server";
import type { PolicyRecord } from "../../policies/record";
import { administrator, memoryCloud, type MemoryCloud } from "../local/provider/memory-cloud";
import { ProjectCopy } from "./project-copy";
import { pulumiPath } from "./stack";

/** Mistakes in the program and in the settings: what is written where, and which rule finds it in dev. */
const plants: readonly (readonly [rule: string, file: string, good: string, bad: string])[] = [
  ["kms-key-rotation", "infra/keys/keys.ts", "enableKeyRotation: true", "enableKeyRotation: false"],
  [
    "bucket-versioned",
    "infra/storage/bucket.ts",
    'versioningConfiguration: { status: "Enabled" }',
    'versioningConfiguration: { status: "Suspended" }',
  ],
  ["no-public-or-unencrypted-bucket", "infra/storage/bucket.ts", "blockPublicPolicy: true", "blockPublicPolicy: false"],
  ["bucket-tls-only", "infra/storage/bucket.ts", '"aws:SecureTransport": "false"', '"aws:SecureTransport": "true"'],
  ["lambda-runtime-supported", "infra/reactions/function.ts", "nodejs22.x", "nodejs18.x"],
  ["event-target-dead-letter", "infra/reactions/reactions.ts", "deadLetterConfig: { arn: this.deadLetters.arn },", ""],
  ["kms-encryption", "infra/reactions/reactions.ts", "sqsManagedSseEnabled: true", "sqsManagedSseEnabled: false"],
  ["image-repository-immutable", "infra/images/images.ts", '"IMMUTABLE"', '"MUTABLE"'],
  ["permissions-boundary", "infra/identity/identity.ts", "permissionsBoundary: boundaryArn,", ""],
  [
    "no-wildcard-permissions",
    "infra/identity/documents/people.ts",
    '"SeeLists",\n      [\n        ...sagemakerLists,',
    '"SeeLists",\n      [\n        "sagemaker:*",',
  ],
  ["build-project-closed", "infra/delivery/release-builds.ts", "privilegedMode: false", "privilegedMode: true"],
  ["alarm-notifies", "infra/reactions/reactions.ts", 'alarmActions: [alerts.arn("warning")],', ""],
  ["log-retention", "Pulumi.dev.yaml", "logRetentionDays: 14", "logRetentionDays: 1"],
  ["provider-guard", "Pulumi.dev.yaml", "aws:profile: ab", "aws:profile: somebody"],
];

describe("peregrine check", function () {
  this.slow(60_000);
  let memory: MemoryCloud;
  let provider: RunningProvider;
  let project: ProjectCopy;

  before(async () => {
    project = await ProjectCopy.make({ releaseTargets: "staging,prod" });
    memory = memoryCloud();
    provider = await startProvider(memory.cloud, { port: 0, principalFor: async () => administrator });
    const state = join(project.folder, ".peregrine", "state");
    mkdirSync(state, { recursive: true });
    project.env = {
      ...project.env,
      PATH: pulumiPath(),
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE: "check",
      ...engineVariables(provider.port),
      AWS_REGION: "eu-central-1",
    };
  });
  after(async () => {
    await project?.remove();
    await provider?.stop();
  });

  /** Calls that would have changed something in AWS. */
  const changes = () => memory.calls.map(({ name }) => name).filter((name) => !/:(Get|Describe|List)/.test(name));
  const reportIn = (file: string) => JSON.parse(readFileSync(join(project.folder, file), "utf8")) as CheckReport;

  for (const stack of ["dev", "staging", "prod"])
    it(`finds nothing in ${stack} as it is`, async () => {
      const { code, output } = await project.peregrine("check", "-s", stack);
      assert.equal(code, 0, output);
      assert.match(
        output,
        new RegExp(
          `^${stack}: PASS under policy pack \\d+\\.\\d+\\.\\d+: 0 mandatory violations, 0 advisory; plan: \\d{2,} create$`,
          "m",
        ),
      );
    });

  it("finds every planted mistake by its rule, before AWS is asked to change anything", async () => {
    for (const [rule, file, good, bad] of plants) {
      const path = join(project.folder, file);
      const text = readFileSync(path, "utf8");
      assert.ok(text.includes(good), `${rule} has nothing to plant in ${file}`);
      writeFileSync(path, text.replaceAll(good, bad));
    }
    const { code, output } = await project.peregrine(
      "check",
      "-s",
      "dev",
      "--format",
      "json",
      "--output",
      "out/check.json",
    );
    assert.equal(code, 1, output);
    const { findings, verdict } = reportIn("out/check.json");
    assert.equal(verdict, "fail");
    assert.deepEqual([...new Set(findings.map(({ rule }) => rule))].sort(), plants.map(([rule]) => rule).sort());
    assert.ok(
      findings.every(
        ({ level, remediation, resource, urn }) =>
          level === "mandatory" && remediation && resource && urn.startsWith("urn:pulumi:dev::peregrine::"),
      ),
    );
    assert.match(output, /error: \d+ mandatory violations in dev\./);
    assert.deepEqual(changes(), []);
  });

  it("writes all of it down", async () => {
    const records = readFileSync(join(project.folder, ".peregrine", "policy-record.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as PolicyRecord);
    assert.deepEqual([...new Set(records.map(({ rule }) => rule))].sort(), plants.map(([rule]) => rule).sort());
    assert.ok(
      records.every(
        ({ kind, operation, packVersion, urn }) =>
          kind === "violation" && operation === "preview" && packVersion && urn,
      ),
    );
  });

  it("does in the pull-request workflow what the workflow says: plan, SARIF, text and comment", async () => {
    const { jobs } = parse(readFileSync(join(project.folder, ".github", "workflows", "preview.yml"), "utf8")) as {
      jobs: Record<string, { steps: { id?: string; run?: string }[] }>;
    };
    const step = (id: string) => jobs["preview"]!.steps.find((one) => one.id === id)!.run!;
    const run = (id: string) => project.run("env", "STACK=dev", "bash", "-e", "-o", "pipefail", "-c", step(id));
    const check = await run("check");
    assert.equal(check.code, 1, check.output);
    const sarif = JSON.parse(readFileSync(join(project.folder, "out", "dev.sarif"), "utf8")) as {
      version: string;
      runs: { results: unknown[] }[];
    };
    assert.equal(sarif.version, "2.1.0");
    assert.equal(sarif.runs[0]!.results.length, reportIn("out/check.json").findings.length);
    const comment = await run("comment");
    assert.equal(comment.code, 0, comment.output);
    const markdown = readFileSync(join(project.folder, "out", "dev.md"), "utf8");
    assert.match(markdown, /^### dev: FAIL/);
    for (const [rule] of plants) assert.ok(markdown.includes(rule), rule);
    assert.ok(existsSync(join(project.folder, "out", "dev-plan.txt")));
  });
});
