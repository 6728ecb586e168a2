import assert from "node:assert/strict";
import { isTrailFile, trailRecord, type TrailRecord } from "../../../contract/trail";
import { callEntry, changesSomething, notesCheckpoint, type Mask } from "../../../lifecycle/audit/call-entry";
import { compareCalls } from "../../../lifecycle/audit/completeness";
import { kindOfCall } from "../../../lifecycle/audit/kind";
import { outcomeOf, touches } from "../../../lifecycle/audit/touches";
import { writeEntry } from "../../../records/log/entry";

const account = "111122223333";
const mask: Mask = (what, value) => `${what}:<${value.length}>`;

function record(more: Partial<Record<keyof TrailRecord, unknown>> = {}): TrailRecord {
  return trailRecord.parse({
    eventVersion: "1.11",
    eventID: "e-1",
    eventTime: "2026-11-30T07:00:00Z",
    eventSource: "sagemaker.amazonaws.com",
    eventName: "UpdateModelPackage",
    awsRegion: "eu-central-1",
    sourceIPAddress: "203.0.113.7",
    readOnly: false,
    managementEvent: true,
    eventCategory: "Management",
    recipientAccountId: account,
    requestParameters: {
      modelPackageArn: `arn:aws:sagemaker:eu-central-1:${account}:model-package/peregrine-dev-detector/3`,
    },
    userIdentity: {
      type: "AssumedRole",
      arn: `arn:aws:sts::${account}:assumed-role/peregrine-dev-approver/erika`,
      accountId: account,
      sessionContext: {
        sessionIssuer: { arn: `arn:aws:iam::${account}:role/peregrine/dev/peregrine-dev-approver` },
        sourceIdentity: "erika",
      },
    },
    ...more,
  });
}

describe("the entry of a call", () => {
  it("says who did what to what, and names no person", () => {
    const entry = callEntry(record(), mask);
    assert.deepEqual(entry, {
      id: "cloudtrail#e-1",
      at: "2026-11-30T07:00:00Z",
      by: `arn:aws:iam::${account}:role/peregrine/dev/peregrine-dev-approver`,
      kind: "registry",
      subject: `arn:aws:sagemaker:eu-central-1:${account}:model-package/peregrine-dev-detector/3`,
      body: {
        type: "call.made",
        event: "UpdateModelPackage",
        source: "sagemaker.amazonaws.com",
        region: "eu-central-1",
        account,
        session: "session:<67>",
        identity: "user:<5>",
        from: "address:<11>",
        resources: [`arn:aws:sagemaker:eu-central-1:${account}:model-package/peregrine-dev-detector/3`],
      },
    });
    assert.ok(writeEntry(entry).length > 0);
  });

  it("names nobody in whatever place CloudTrail has a name", () => {
    const people = [
      record({
        requestParameters: { userName: "erika" },
        resources: [{ ARN: `arn:aws:iam::${account}:user/team/erika` }],
      }),
      record({ requestParameters: { userName: "erika" } }),
      record({ requestParameters: { endpoint: "erika@example.org", topicName: "to-erika@example.org" } }),
      record({ requestParameters: { roleSessionName: "erika", roleArn: `arn:aws:iam::${account}:role/r` } }),
      record({ userIdentity: { type: "IAMUser", userName: "erika", arn: `arn:aws:iam::${account}:user/erika` } }),
      record({ userIdentity: { type: "IAMUser", userName: "erika" } }),
      record({ userIdentity: { type: "FederatedUser", arn: `arn:aws:sts::${account}:federated-user/erika` } }),
      record({ sourceIPAddress: "2001:db8::7" }),
    ];
    for (const one of people) {
      const text = JSON.stringify(callEntry(one, mask));
      assert.ok(!/erika|203\.0|2001:db8/.test(text), text);
      writeEntry(callEntry(one, mask));
    }
  });

  it("tells calls that were refused for want of a right from those that failed", () => {
    for (const code of ["AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation", "AuthorizationError"])
      assert.equal(callEntry(record({ errorCode: code }), mask).body["type"], "call.denied");
    assert.equal(callEntry(record({ errorCode: "ValidationException" }), mask).body["type"], "call.failed");
    assert.equal(callEntry(record({ errorCode: "ValidationException" }), mask).body["error"], "ValidationException");
  });

  it("names the service that called for somebody", () => {
    const service = record({
      sourceIPAddress: "cloudformation.amazonaws.com",
      userIdentity: { type: "AWSService", invokedBy: "cloudformation.amazonaws.com" },
    });
    const { by, body } = callEntry(service, mask);
    assert.deepEqual(
      [by, body["via"], body["from"]],
      ["cloudformation.amazonaws.com", "cloudformation.amazonaws.com", undefined],
    );
  });

  it("is made of calls that change something: not of reads, and not of data events", () => {
    assert.equal(changesSomething(record()), true);
    assert.equal(changesSomething(record({ readOnly: true })), false);
    assert.equal(changesSomething(record({ readOnly: undefined })), true);
    assert.equal(changesSomething(record({ eventCategory: "Data", managementEvent: false })), false);
    assert.equal(changesSomething(record({ eventCategory: undefined, managementEvent: false })), false);
  });

  it("knows the recorder's own calls, of any environment", () => {
    const by = (role: string) =>
      record({ userIdentity: { type: "AssumedRole", sessionContext: { sessionIssuer: { arn: role } } } });
    const role = (name: string) => `arn:aws:iam::${account}:role/peregrine/prod/peregrine-prod-${name}`;
    assert.equal(notesCheckpoint(by(role("record-changes"))), true);
    assert.equal(notesCheckpoint(by(role("release-build"))), false);
    assert.equal(notesCheckpoint(by(`arn:aws:iam::${account}:role/record-changes`)), false);
  });
});

describe("the kind of a call", () => {
  it("is one of the eight of an environment's life", () => {
    const kinds: Record<string, readonly (readonly [string, string])[]> = {
      data: [
        ["s3", "PutBucketPolicy"],
        ["sagemaker", "CreateLabelingJob"],
      ],
      build: [
        ["sagemaker", "StartPipelineExecution"],
        ["sagemaker", "CreateTrainingJob"],
        ["codebuild", "StartBuild"],
      ],
      registry: [
        ["sagemaker", "UpdateModelPackage"],
        ["sagemaker", "CreateModelCard"],
      ],
      change: [
        ["sagemaker", "UpdateEndpoint"],
        ["sagemaker", "CreateModel"],
        ["ssm", "PutParameter"],
        ["iam", "PutRolePolicy"],
        ["kms", "ScheduleKeyDeletion"],
      ],
      watch: [
        ["monitoring", "DeleteAlarms"],
        ["cloudtrail", "StopLogging"],
        ["sagemaker", "CreateMonitoringSchedule"],
      ],
      people: [
        ["iam", "CreateUser"],
        ["sns", "Subscribe"],
        ["signin", "ConsoleLogin"],
      ],
      experiment: [["sagemaker", "UpdateEndpointWeightsAndCapacities"]],
      money: [
        ["budgets", "ModifyBudget"],
        ["ce", "CreateAnomalyMonitor"],
      ],
    };
    for (const [kind, calls] of Object.entries(kinds))
      for (const [service, event] of calls)
        assert.equal(kindOfCall(`${service}.amazonaws.com`, event), kind, `${service} ${event}`);
  });
});

describe("a log file of a trail", () => {
  it("is told from digests and from whatever else lies in the bucket", () => {
    const folder = "eu-central-1/2026/11/30";
    const file = `${account}_CloudTrail_eu-central-1_20261130T0700Z_abcdefghijklmnop.json.gz`;
    assert.equal(isTrailFile(`AWSLogs/${account}/CloudTrail/${folder}/${file}`), true);
    assert.equal(isTrailFile(`some/prefix/AWSLogs/o-abc/${account}/CloudTrail/${folder}/${file}`), true);
    assert.equal(isTrailFile(`AWSLogs/${account}/CloudTrail-Digest/${folder}/${file}`), false);
    assert.equal(isTrailFile(`AWSLogs/${account}/CloudTrail/${folder}/`), false);
  });
});

describe("the comparison of calls and entries", () => {
  const call = (id: string, at: string, more = {}) => record({ eventID: id, eventTime: at, ...more });
  const entry = (id: string, at: string) => ({ id: `cloudtrail#${id}`, at });

  it("finds calls without entry, entries without call and ids that are there twice", () => {
    const old = "2026-11-30T06:00:00Z";
    const found = compareCalls(
      [
        call("a", old),
        call("a", old),
        call("b", old),
        call("read", old, { readOnly: true }),
        call("young", "2026-11-30T07:55:00Z"),
      ],
      [
        entry("a", old),
        entry("a", old),
        entry("c", "2026-11-30T06:30:00Z"),
        entry("expired", "2026-11-01T00:00:00Z"),
        // Their files may have come since the files were read; nothing comes from tomorrow.
        entry("late", "2026-11-30T07:50:00Z"),
        entry("tomorrow", "2026-12-01T00:00:00Z"),
        { id: "ledger/ledger.jsonl#1", at: old },
      ],
      "2026-11-30T08:00:00Z",
    );
    assert.deepEqual(
      [found.calls, found.missing.map(({ id }) => id), found.waiting.map(({ id }) => id), found.orphans, found.doubled],
      [3, ["b"], ["young"], ["cloudtrail#c", "cloudtrail#tomorrow"], ["cloudtrail#a"]],
    );
  });
});

describe("who touched a resource", () => {
  const bucket = "arn:aws:s3:::peregrine-dev-artifacts-1";
  it("is asked by its ARN or its name, of what lies in it, and of nothing that is only called alike", () => {
    const object = record({ resources: [{ ARN: `${bucket}/runs/1` }], requestParameters: { bucketName: "x" } });
    assert.equal(touches(object, bucket), true);
    assert.equal(touches(object, "peregrine-dev-artifacts-1"), true);
    assert.equal(touches(object, "peregrine-dev-artifacts"), false);
    assert.equal(touches(object, `${bucket}0`), false);
    const endpoint = record({
      requestParameters: { endpointName: "peregrine-dev-detector", variants: [{ modelName: "m-1" }] },
    });
    assert.equal(touches(endpoint, `arn:aws:sagemaker:eu-central-1:${account}:endpoint/peregrine-dev-detector`), true);
    assert.equal(touches(endpoint, "m-1"), true);
    assert.equal(touches(endpoint, "detector"), false);
    assert.equal(outcomeOf(record({ errorCode: "AccessDenied" })), "denied");
  });
});
