import assert from "node:assert/strict";
import { auditKeyPolicy } from "../../../infra/audit/policies";
import { keyPolicy } from "../../../infra/keys/key-policy";
import { environments } from "../../../contract/environments";
import { scopeOf } from "../../support/scope";

const use = /^kms:(Encrypt|Decrypt|ReEncrypt|GenerateDataKey|CreateGrant)/;
const administrators = { "peregrine:keyAdministrators": '["arn:aws:iam::123456789012:role/security"]' };
const root = "arn:aws:iam::123456789012:root";

for (const environment of environments)
  for (const [name, policyOf] of [
    ["environment", keyPolicy],
    ["audit", auditKeyPolicy],
  ] as const)
    describe(`the ${name} key of ${environment}`, () => {
      const statements = policyOf(scopeOf(environment));

      it("gives nobody every action", () => {
        assert.deepEqual(
          statements.filter(({ Action }) => Action.some((action) => action === "*" || action === "kms:*")),
          [],
        );
      });

      it("lets those who administer it use nothing", () => {
        for (const { Action } of statements.filter(({ Action }) => Action.includes("kms:PutKeyPolicy")))
          assert.deepEqual(
            Action.filter((action) => use.test(action)),
            [],
          );
      });

      it("is used by the account through services alone, and for grants of AWS's own resources", () => {
        for (const { Action, Principal, Condition } of statements) {
          if (!Action.some((action) => use.test(action)) || (Principal as { AWS?: unknown }).AWS === undefined)
            continue;
          assert.deepEqual(Principal, { AWS: root });
          assert.ok(
            (Condition?.["StringEquals"]?.["kms:ViaService"] as string[]).every((service) =>
              /^[a-z0-9]+\.eu-central-1\.amazonaws\.com$/.test(service),
            ),
          );
          if (Action.includes("kms:CreateGrant"))
            assert.equal(Condition?.["Bool"]?.["kms:GrantIsForAWSResource"], "true");
        }
      });

      it("encrypts logs of this environment's groups only", () => {
        const { Condition } = statements.find(({ Sid }) => Sid === "LogsAreEncrypted")!;
        const groups = Condition!["ArnLike"]!["kms:EncryptionContext:aws:logs:arn"] as string[];
        for (const other of environments.filter((one) => one !== environment))
          assert.ok(groups.every((group) => !group.includes(other)));
      });

      it("keeps unique statement ids, under the size of a key policy (32 KB, KMS quotas)", () => {
        const ids = statements.map(({ Sid }) => Sid);
        assert.equal(new Set(ids).size, ids.length);
        assert.ok(JSON.stringify(statements).length < 32_768);
      });
    });

describe("the environment's key for Studio", () => {
  const statements = keyPolicy(scopeOf("dev"));
  const through = (service: string, action: string): boolean =>
    statements.some(
      ({ Effect, Action, Condition }) =>
        Effect === "Allow" &&
        Action.includes(action) &&
        [Condition?.["StringEquals"]?.["kms:ViaService"] ?? []]
          .flat()
          .includes(`${service}.eu-central-1.amazonaws.com`),
    );

  it("is used through EFS by whoever makes the domain, for its file system: CreateDomain asks for all four", () => {
    for (const action of ["kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:CreateGrant"])
      assert.ok(through("elasticfilesystem", action), action);
  });

  it("is used through EC2 by whoever starts an app, for the disk of its space", () => {
    for (const action of ["kms:GenerateDataKey*", "kms:DescribeKey", "kms:CreateGrant"])
      assert.ok(through("ec2", action), action);
  });
});

describe("administration of keys", () => {
  it("is the account's, whose IAM policies decide, where nobody is named", () => {
    const [administer] = keyPolicy(scopeOf("prod"));
    assert.deepEqual(
      [administer!.Principal, administer!.Action.includes("kms:ScheduleKeyDeletion")],
      [{ AWS: root }, true],
    );
  });

  it("leaves taking keys away to the named, and repair to the account as well", () => {
    const statements = keyPolicy(scopeOf("prod", administrators));
    const may = (action: string) =>
      statements
        .filter(({ Action }) => Action.includes(action))
        .map(({ Principal }) => (Principal as { AWS: unknown }).AWS);
    assert.deepEqual(may("kms:ScheduleKeyDeletion"), [["arn:aws:iam::123456789012:role/security"]]);
    assert.deepEqual(may("kms:PutKeyPolicy"), [root, ["arn:aws:iam::123456789012:role/security"]]);
  });

  it("lets CloudTrail encrypt for the environment's own trail and nothing else", () => {
    const { Condition } = auditKeyPolicy(scopeOf("prod")).find(({ Sid }) => Sid === "TrailEncrypts")!;
    const trail = "arn:aws:cloudtrail:eu-central-1:123456789012:trail/peregrine-prod-trail";
    assert.deepEqual(Condition, {
      StringEquals: { "aws:SourceArn": trail },
      StringLike: { "kms:EncryptionContext:aws:cloudtrail:arn": trail },
    });
  });
});
