import assert from "node:assert/strict";
import { boundaries } from "../../../infra/identity/boundaries";
import { allRoles, statementsOf } from "../../../infra/identity/roles/all-roles";
import type { Statement } from "../../../infra/identity/document";
import { environments } from "../../../contract/environments";
import { openResources } from "../../../infra/identity/open-resources";
import { problemsOf } from "../../support/iam-actions";
import { scopeOf } from "../../support/scope";

const used = new Set<string>();

/** A problem that `openResources` justifies. */
function justified(sid: string, problem: string): boolean {
  const found = openResources.find(
    (one) =>
      one.statement === sid && one.actions.some((action) => problem === `${action} on *, though it supports resources`),
  );
  if (found) used.add(found.statement);
  return found !== undefined;
}

async function problemsIn(statements: readonly Statement[]): Promise<string[]> {
  const lists = await Promise.all(
    statements.map(async (statement) =>
      (await problemsOf(statement))
        .filter((problem) => !justified(statement.Sid, problem))
        .map((problem) => `${statement.Sid}: ${problem}`),
    ),
  );
  return lists.flat();
}

for (const environment of environments) {
  const scope = scopeOf(environment);
  describe(`actions, resources and condition keys in ${environment}`, () => {
    for (const [name, role] of Object.entries(allRoles(scope)))
      it(`of ${name} are AWS's, fit one another and name resources wherever there are some`, async () => {
        assert.deepEqual(await problemsIn(statementsOf(role)), []);
      });

    for (const [name, boundary] of Object.entries(boundaries(scope)))
      it(`of ${name} are AWS's; its denials fit what they name`, async () => {
        // What a boundary allows it allows to nobody by itself.
        assert.deepEqual(await problemsIn(boundary.statements.filter(({ Effect }) => Effect === "Deny")), []);
      });
  });
}

describe("justified exceptions", () => {
  it("are all needed", () => {
    assert.deepEqual(
      openResources.map(({ statement }) => statement).filter((statement) => !used.has(statement)),
      [],
    );
  });
});

describe("the check of statements", () => {
  const arn = (kind: string) => `arn:aws:sagemaker:eu-central-1:123456789012:${kind}`;
  const allowed = (Action: string[], Resource: string[], Condition?: Statement["Condition"]): Statement => ({
    Sid: "S",
    Effect: "Allow",
    Action,
    Resource,
    ...(Condition && { Condition }),
  });

  const wrong: readonly [what: string, statement: Statement, problem: RegExp][] = [
    [
      "an action that does not exist",
      allowed(["sagemaker:UpdateModelVersion"], ["*"]),
      /UpdateModelVersion is no action/,
    ],
    ["a wildcard that covers nothing", allowed(["sagemaker:Approve*"], ["*"]), /Approve\* is no action/],
    ["a service that does not exist", allowed(["sagemakers:ListModels"], ["*"]), /is no action/],
    [
      "all resources where the action knows some",
      allowed(["sagemaker:DeleteModel"], ["*"]),
      /DeleteModel on \*, though it supports resources/,
    ],
    [
      "all resources for a wildcard with one such action",
      allowed(["sagemaker:List*"], ["*"]),
      /ListTags on \*, though it supports resources/,
    ],
    [
      "a resource of another type",
      allowed(["sagemaker:DeleteModel"], [arn("endpoint/x")]),
      /DeleteModel on none of its resource types/,
    ],
    [
      "a resource that no action is about",
      allowed(["sagemaker:DeleteModel"], [arn("model/x"), arn("endpoint/x")]),
      /endpoint\/x fits none of the actions/,
    ],
    [
      "a condition key that does not exist",
      allowed(["sagemaker:DeleteModel"], [arn("model/x")], { StringEquals: { "sagemaker:Approval": "x" } }),
      /is no condition key/,
    ],
    [
      "a condition key of another action",
      allowed(["sagemaker:UpdateEndpoint"], [arn("endpoint/x")], { StringEquals: { "sagemaker:InstanceTypes": "x" } }),
      /UpdateEndpoint does not support sagemaker:InstanceTypes/,
    ],
    [
      "a condition key that one of a wildcard's actions lacks, in a denial",
      {
        ...allowed(["sagemaker:Create*"], ["*"], { StringEquals: { "sagemaker:ModelApprovalStatus": "Approved" } }),
        Effect: "Deny",
      },
      /CreatePipeline does not support/,
    ],
  ];
  for (const [what, statement, problem] of wrong)
    it(`finds ${what}`, async () => {
      assert.match((await problemsOf(statement)).join("\n"), problem);
    });
});
