import assert from "node:assert/strict";
import type { DesiredFacts } from "../../../contract/remediation";
import { findViolations, type Seen } from "../../../lifecycle/remediation/find";
import { sameDocument } from "../../../lifecycle/remediation/same";

const document = (action: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: [action], Resource: ["*"] }] });

const facts: DesiredFacts = {
  account: {
    version: 1,
    buckets: [{ name: "bucket", policy: document("s3:Get*"), versioned: true, closed: true }],
    roles: [
      {
        name: "role",
        arn: "arn:role",
        boundary: "arn:boundary",
        inline: { duties: document("a:B") },
        attached: ["arn:stop"],
      },
    ],
    keys: [{ id: "key" }],
    trails: [{ name: "trail" }],
    approver: "arn:aws:iam::1:role/peregrine/dev/peregrine-dev-approver",
  },
  serving: {
    version: 1,
    endpoint: { name: "endpoint", arn: "arn:endpoint", config: "config", captures: true, tags: { owner: "team" } },
  },
  watch: {
    version: 1,
    alarms: [
      {
        AlarmName: "alarm",
        AlarmActions: ["arn:topic"],
        Threshold: 1,
        Dimensions: [
          { Name: "A", Value: "1" },
          { Name: "B", Value: "2" },
        ],
      },
    ],
    logGroups: [{ name: "group", days: 7 }],
    rules: [{ name: "rule", bus: "default" }],
    schedules: [{ name: "schedule", group: "group" }],
    functions: [{ name: "function", code: "sha" }],
  },
};

const good: Seen = {
  endpoint: { status: "InService", config: "config", captures: true, tags: { owner: "team", other: "one" } },
  alarms: [
    {
      AlarmName: "alarm",
      AlarmActions: ["arn:topic"],
      Threshold: 1,
      Dimensions: [
        { Value: "2", Name: "B" },
        { Name: "A", Value: "1" },
      ],
      StateValue: "OK",
    },
  ],
  buckets: [
    {
      name: "bucket",
      policy: JSON.stringify({
        Statement: { Action: "s3:Get*", Resource: "*", Effect: "Allow" },
        Version: "2012-10-17",
      }),
      versioned: true,
      closed: true,
    },
  ],
  logs: [
    { name: "group", days: 7 },
    { name: "somebody's", days: undefined },
  ],
  roles: [{ name: "role", boundary: "arn:boundary", inline: { duties: document("a:B") }, attached: [] }],
  trail: [{ name: "trail", logging: true }],
  keys: [{ id: "key", state: "Enabled" }],
  rules: [{ name: "rule", enabled: true }],
  schedules: [{ name: "group/schedule", enabled: true }],
  registry: [{ arn: "arn:package", by: "arn:aws:sts::1:assumed-role/peregrine-dev-approver/cleo", decided: true }],
  functions: [{ name: "function", code: "sha" }],
};

const found = (seen: Partial<Seen>) =>
  findViolations(facts, { ...good, ...seen }).map(({ violation, resource }) => `${violation} ${resource}`);

describe("violations", () => {
  it("are none where everything is as it ought to be, however it is written", () => {
    assert.deepEqual(found({}), []);
    assert.deepEqual(findViolations(facts, {}), []);
  });

  it("are found in each part of the account", () => {
    const { endpoint, alarms, buckets, roles } = good;
    const bucket = buckets![0]!;
    const role = roles![0]!;
    const cases: [Partial<Seen>, string[]][] = [
      [{ endpoint: { ...endpoint!, captures: false, config: "other" } }, ["capture-off endpoint"]],
      [{ endpoint: { ...endpoint!, config: "other" } }, ["endpoint-config-changed endpoint"]],
      [{ endpoint: { ...endpoint!, tags: { owner: "me" } } }, ["endpoint-tag-removed endpoint"]],
      [{ alarms: [] }, ["alarm-deleted alarm"]],
      [{ alarms: [{ ...alarms![0]!, AlarmActions: [] }] }, ["alarm-changed alarm"]],
      [{ buckets: [{ ...bucket, closed: false }] }, ["bucket-public bucket"]],
      [{ buckets: [{ ...bucket, policy: undefined }] }, ["bucket-policy-changed bucket"]],
      [{ buckets: [{ ...bucket, policy: document("s3:*") }] }, ["bucket-policy-changed bucket"]],
      [{ buckets: [{ ...bucket, versioned: false }] }, ["versioning-suspended bucket"]],
      [{ logs: [{ name: "group", days: undefined }] }, ["log-retention-lifted group"]],
      [{ roles: [{ ...role, inline: { ...role.inline, more: document("*") } }] }, ["role-policy-added role/more"]],
      [{ roles: [{ ...role, inline: { duties: document("*") } }] }, ["role-policy-changed role/duties"]],
      [{ roles: [{ ...role, attached: ["arn:admin"] }] }, ["role-policy-attached role/arn:admin"]],
      [{ roles: [{ ...role, boundary: undefined }] }, ["boundary-removed role"]],
      [{ trail: [{ name: "trail", logging: false }] }, ["trail-stopped trail"]],
      [{ keys: [{ id: "key", state: "PendingDeletion" }] }, ["key-deletion key"]],
      [{ keys: [{ id: "key", state: "Disabled" }] }, ["key-disabled key"]],
      [{ rules: [{ name: "rule", enabled: false }] }, ["rule-disabled rule"]],
      [{ schedules: [{ name: "group/schedule", enabled: false }] }, ["schedule-disabled group/schedule"]],
      [{ registry: [{ arn: "arn:package", by: undefined, decided: false }] }, ["wrong-approval arn:package"]],
      [
        { registry: [{ arn: "arn:package", by: "arn:aws:iam::1:user/mallory", decided: true }] },
        ["wrong-approval arn:package"],
      ],
      [{ functions: [{ name: "function", code: "other" }] }, ["function-code-changed function"]],
    ];
    for (const [seen, expected] of cases) assert.deepEqual(found(seen), expected);
  });

  it("are none of an endpoint that is being updated, or that a night took away", () => {
    assert.deepEqual(found({ endpoint: { ...good.endpoint!, status: "Updating", config: "other" } }), []);
    assert.deepEqual(found({ endpoint: null }), []);
  });

  it("allow a role the policy of a spent budget", () => {
    assert.deepEqual(found({ roles: [{ ...good.roles![0]!, attached: ["arn:stop"] }] }), []);
  });

  it("are for people where a fix would need a right that gives any right", () => {
    const unfit = findViolations(facts, {
      functions: [{ name: "function", code: "other" }],
      roles: [{ ...good.roles![0]!, inline: { duties: document("*") } }],
    });
    assert.deepEqual(
      unfit.map(({ violation, unfit: why }) => [violation, why !== undefined]),
      [
        ["role-policy-changed", true],
        ["function-code-changed", true],
      ],
    );
  });
});

describe("policy documents", () => {
  it("are compared by what they say", () => {
    assert.ok(sameDocument('{"a":["x","y"],"b":"z"}', '{"b":["z"],"a":["y","x"]}'));
    assert.ok(!sameDocument('{"a":"x"}', '{"a":["x","y"]}'));
    assert.ok(!sameDocument('{"a":"x"}', "no JSON"));
    assert.ok(!sameDocument(undefined, "{}"));
  });
});
