import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ResourceValidationArgs } from "@pulumi/policy";
import { appendTo, type PolicyRecord, recorded, recordFile } from "../../policies/record";
import { requiredTags } from "../../policies/rules/required-tags";
import { trailProtected } from "../../policies/rules/trail-protected";
import { makeTemporaryFolder } from "../support/temporary-folder";

const topic = "aws:sns/topic:Topic";
const about = { operation: "preview", packVersion: "1.2.3" } as const;
const urn = `urn:pulumi:dev::shop::${topic}::x`;
const args = (props: object) =>
  ({
    type: topic,
    urn,
    name: "x",
    props,
    getConfig: () => ({ required: ["project", "owner"], values: {} }),
    notApplicable: () => assert.fail(),
  }) as unknown as ResourceValidationArgs;

describe("the record of policies", () => {
  const folder = makeTemporaryFolder("record");
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("holds every violation of a resource, and reports it as before", () => {
    const records: PolicyRecord[] = [];
    const reported: unknown[] = [];
    const rule = recorded(
      requiredTags,
      () => about,
      (record) => void records.push(record),
    );
    for (const validate of [rule.validateResource!].flat())
      void validate(args({ tags: {} }), (message) => void reported.push(message));
    assert.deepEqual(
      records.map(({ at: _at, ...rest }) => rest),
      reported.map((message) => ({
        schema: "peregrine.policy-record/1",
        kind: "violation",
        ...about,
        rule: "required-tags",
        severity: "high",
        urn,
        message,
      })),
    );
    assert.equal(records.length, 2);
    assert.ok(Math.abs(Date.parse(records[0]!.at) - Date.now()) < 60_000);
  });

  it("holds violations of a stack under the stack's own URN", () => {
    const records: PolicyRecord[] = [];
    const rule = recorded(
      trailProtected,
      () => about,
      (record) => void records.push(record),
    );
    const stack = {
      type: "pulumi:pulumi:Stack",
      urn: "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev",
      props: {},
    };
    void rule.validateStack!({ resources: [stack], getConfig: () => ({ present: true }) } as never, () => undefined);
    assert.deepEqual(
      records.map(({ urn, message }) => [urn, message.split(".")[0]]),
      [[stack.urn, "The stack has no trail"]],
    );
  });

  it("holds every correction, and none where nothing was corrected", async () => {
    const records: PolicyRecord[] = [];
    const rule = recorded(
      requiredTags,
      () => about,
      (record) => void records.push(record),
    );
    const given = args({ tags: { owner: "us" } });
    const corrected = await rule.remediateResource!(given);
    assert.deepEqual((corrected as Record<string, unknown>)["tags"], { owner: "us", project: "shop" });
    assert.deepEqual(
      records.map(({ kind, message }) => [kind, message]),
      [["remediation", "added project=shop"]],
    );
    assert.equal(await rule.remediateResource!(given), undefined);
    assert.equal(records.length, 1);
  });

  it("is appended to, line by line, in folders that it makes", () => {
    const file = join(folder, "deep", "record.jsonl");
    const append = appendTo(file);
    for (const rule of ["a", "b"]) append({ ...about, rule } as PolicyRecord);
    assert.deepEqual(
      readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as PolicyRecord).rule),
      ["a", "b"],
    );
  });

  it("stops nothing when it cannot be written", () => {
    writeFileSync(join(folder, "file"), "");
    appendTo(join(folder, "file", "record.jsonl"))({} as PolicyRecord);
  });

  it("lies where the variable says, else beside the project's Pulumi.yaml, wherever the pack is installed", () => {
    const pack = join(folder, "project", "node_modules", "@peregrine", "policies");
    mkdirSync(pack, { recursive: true });
    assert.equal(recordFile({ PWD: "/shell" }, pack), "/shell/.peregrine/policy-record.jsonl");
    writeFileSync(join(folder, "project", "Pulumi.yaml"), "");
    assert.equal(recordFile({ PWD: "/shell" }, pack), join(folder, "project", ".peregrine", "policy-record.jsonl"));
    assert.equal(recordFile({ PWD: "/shell", PEREGRINE_POLICY_RECORD: "out/a.jsonl" }, pack), "/shell/out/a.jsonl");
  });
});
