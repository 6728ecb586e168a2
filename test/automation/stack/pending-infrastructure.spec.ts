import assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { EngineLog } from "../../../automation/stack/engine-log";
import { deployedFrom, infrastructureIn, updateMessage } from "../../../automation/stack/pending-infrastructure";

const urn = (types: string, name: string) => `urn:pulumi:prod::peregrine::${types}::${name}`;
const platform = "peregrine:platform:Platform";
const serving = `${platform}$peregrine:serving:MonitoredEndpoint`;
const step = (op: string, of: string): EngineEvent => ({
  sequence: 0,
  timestamp: 0,
  resourcePreEvent: { metadata: { op, urn: of } as never },
});

describe("changes beside the release", () => {
  function pending(...events: EngineEvent[]): string[] {
    const log = new EngineLog();
    for (const event of events) log.record(event);
    return infrastructureIn(log.planned);
  }

  it("are none where the release's own resources change, or nothing does", () => {
    assert.deepEqual(
      pending(
        step("update", urn(`${serving}$aws:sagemaker/endpoint:Endpoint`, "detector-endpoint")),
        step("create", urn(`${serving}$aws:cloudwatch/metricAlarm:MetricAlarm`, "x")),
        step("same", urn(`${platform}$aws:s3/bucket:Bucket`, "artifacts")),
        step("update", urn("pulumi:pulumi:Stack", "peregrine-prod")),
        step("update", urn("pulumi:providers:aws", "aws")),
      ),
      [],
    );
  });

  it("are told by what would be done to which resource, a replacement once", () => {
    const bucket = urn(`${platform}$peregrine:storage:Storage$aws:s3/bucket:Bucket`, "artifacts");
    const role = urn(`${platform}$aws:iam/role:Role`, "pipeline");
    assert.deepEqual(
      pending(
        step("create-replacement", bucket),
        step("replace", bucket),
        step("delete-replaced", bucket),
        step("update", role),
      ),
      ["create-replacement aws:s3/bucket:Bucket artifacts", "update aws:iam/role:Role pipeline"],
    );
  });
});

describe("the last update of a stack", () => {
  const source = { commit: "a".repeat(40), clean: true };
  const byHand = {
    kind: "update",
    result: "succeeded",
    message: "A commit's title",
    environment: {
      "git.head": source.commit,
      "git.dirty": "false",
      "pulumi.flag.yes": "true",
      "pulumi.flag.policy-pack": "set",
    },
  } as const;
  const ours = {
    ...byHand,
    message: updateMessage(source)!,
    environment: { "git.head": "b".repeat(40), "git.dirty": "true" },
  };

  it("leaves nothing to deploy when it was a whole one from this commit, by hand or by us", () => {
    assert.equal(deployedFrom(source, byHand), true);
    assert.equal(deployedFrom(source, ours), true, "a build's folder may lie in somebody else's checkout");
  });

  it("says nothing when it was another commit, a part, other settings, a failure, or something else", () => {
    const different = [
      undefined,
      { ...byHand, kind: "refresh" },
      { ...byHand, kind: "destroy" },
      { ...byHand, result: "failed" },
      { ...byHand, result: "in-progress" },
      { ...byHand, environment: { ...byHand.environment, "git.head": "b".repeat(40) } },
      { ...byHand, environment: { ...byHand.environment, "git.dirty": "true" } },
      { ...byHand, environment: { "git.head": source.commit } },
      { ...ours, message: `commit ${"b".repeat(40)}` },
      ...["target", "target-dependents", "exclude", "config", "config-file", "plan"].map((flag) => ({
        ...byHand,
        environment: { ...byHand.environment, [`pulumi.flag.${flag}`]: "set" },
      })),
    ] as (typeof byHand)[];
    for (const last of different) assert.equal(deployedFrom(source, last), false, JSON.stringify(last));
  });

  it("says nothing to a program that differs from its commit, or has none", () => {
    for (const other of [
      { ...source, clean: false },
      { commit: undefined, clean: false },
    ]) {
      assert.equal(deployedFrom(other, byHand), false);
      assert.equal(updateMessage(other), undefined);
    }
  });
});
