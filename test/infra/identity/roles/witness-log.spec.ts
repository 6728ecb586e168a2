import assert from "node:assert/strict";
import { environments } from "../../../../contract/environments";
import { witnessedBy, witnessOf } from "../../../../contract/witness";
import { witnessQueuePolicy } from "../../../../infra/audit/witness";
import { boundaries } from "../../../../infra/identity/boundaries";
import { policyDocument } from "../../../../infra/identity/document";
import { allRoles, statementsOf } from "../../../../infra/identity/roles/all-roles";
import { fixedContext } from "../../../../local/iam/context";
import { evaluate } from "../../../../local/iam/evaluate";
import { compilePolicy } from "../../../../local/iam/policy";
import { programOf } from "../../../support/programs";
import { scopeOf } from "../../../support/scope";

const staging = scopeOf("staging");
const parameter = (name: string) => staging.arns.parameter(`/peregrine/witness/${name}`);
const queue = (name: string) => staging.arns.queue(`peregrine-requests-witness-${name}`);

describe("who witnesses whose log", () => {
  it("is another environment, and for none it is dev, whose release builds write all logs", () => {
    for (const environment of environments) {
      assert.notEqual(witnessOf(environment), environment);
      assert.notEqual(witnessOf(environment), "dev");
      assert.ok(witnessedBy(witnessOf(environment)).includes(environment));
    }
  });
});

describe("the role of a witness", () => {
  it("takes checkpoints and remembers them, and reads nothing of the environments that it witnesses", () => {
    const allowed = Object.fromEntries(
      statementsOf(allRoles(staging)["witness-log"]!).map(({ Sid, Action, Resource }) => [Sid, [Action, Resource]]),
    );
    assert.deepEqual(allowed, {
      TakeCheckpoints: [
        ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        [queue("dev"), queue("prod")],
      ],
      WriteLogs: [
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        [staging.arns.logGroup("/aws/lambda/peregrine-staging-witness-log:*")],
      ],
      Remember: [
        ["ssm:GetParameter", "ssm:PutParameter"],
        [parameter("dev"), parameter("prod")],
      ],
    });
  });

  it("is there where something is witnessed", () => {
    assert.equal(allRoles(scopeOf("dev"))["witness-log"], undefined);
    assert.ok(allRoles(scopeOf("prod"))["witness-log"]);
  });

  for (const environment of environments)
    it(`alone writes what is remembered of logs, whatever the roles of ${environment} are allowed`, () => {
      const scope = scopeOf(environment);
      const everything = compilePolicy(
        JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }),
        "identity",
      );
      for (const [role, { boundary = "boundary" }] of Object.entries(allRoles(scope)))
        for (const witnessed of environments)
          for (const action of ["ssm:PutParameter", "ssm:DeleteParameter", "ssm:LabelParameterVersion"]) {
            const { allowed } = evaluate(
              {
                action,
                resource: parameter(witnessed),
                principal: {
                  type: "role",
                  arn: `arn:aws:sts::${scope.place.accountId}:assumed-role/${scope.roleName(role)}/attack`,
                  accountId: scope.place.accountId,
                  id: "AROAATTACK:attack",
                  roleArn: scope.roleArn(role),
                },
                lookup: fixedContext({
                  "aws:PrincipalArn": scope.roleArn(role),
                  "aws:RequestedRegion": scope.settings.region,
                }),
              },
              {
                identity: [{ name: "everything", policy: everything }],
                boundary: {
                  name: boundary,
                  policy: compilePolicy(policyDocument(boundaries(scope)[boundary]!.statements), "identity"),
                },
              },
            );
            const itself = role === "witness-log" && witnessedBy(environment).includes(witnessed);
            assert.equal(allowed, itself && action === "ssm:PutParameter", `${role} ${action} ${witnessed}`);
          }
    });

  it("is shown logs by who writes them, and by nobody else of ours", () => {
    const [only] = witnessQueuePolicy(staging, "prod");
    assert.equal(only!.Effect, "Deny");
    assert.deepEqual(only!.Condition, {
      ArnLike: { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/peregrine/*" },
      ArnNotLike: {
        "aws:PrincipalArn": [
          "arn:aws:iam::123456789012:role/peregrine/prod/peregrine-prod-record-changes",
          "arn:aws:iam::123456789012:role/peregrine/*/peregrine-*-release-build",
        ],
      },
    });
    for (const [scope, role] of [
      [scopeOf("dev"), "release-build"],
      [scopeOf("prod"), "record-changes"],
    ] as const) {
      const shows = statementsOf(allRoles(scope)[role]!).find(({ Sid }) => Sid === "ShowLog")!;
      assert.ok(shows.Resource!.includes(queue("prod")), role);
    }
  });
});

describe("a witness", () => {
  it("has a queue for each log, and gives up what contradicts what it saw", async () => {
    const program = await programOf("staging");
    for (const witnessed of ["dev", "prod"]) {
      const { name, redrivePolicy, visibilityTimeoutSeconds } = program.one(
        "aws:sqs/queue:Queue",
        `peregrine-staging-witness-${witnessed}`,
      ).inputs;
      assert.equal(name, `peregrine-requests-witness-${witnessed}`);
      assert.equal((JSON.parse(redrivePolicy as string) as { maxReceiveCount: number }).maxReceiveCount, 3);
      const handler = program.one("aws:lambda/function:Function", "peregrine-staging-witness-handler-function").inputs;
      assert.ok(visibilityTimeoutSeconds >= 6 * handler["timeout"]);
      assert.equal(handler["environment"].variables.WITNESSED, "dev,prod");
    }
    assert.deepEqual(
      (await programOf("dev")).resources.filter(({ name }) => name.includes("-dev-witness")),
      [],
    );
  });
});
