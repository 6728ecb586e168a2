import assert from "node:assert/strict";
import type { Statement } from "../../../../infra/identity/document";
import { allRoles, statementsOf } from "../../../../infra/identity/roles/all-roles";
import { writersOf } from "../../../../infra/identity/writers";
import { scopeOf } from "../../../support/scope";

const scope = scopeOf("prod");
const roles = allRoles(scope);
const bucket = `arn:aws:s3:::${scope.artifactsBucket}`;

/** Statements of a role that touch an action. */
const about = (role: string, action: string): Statement[] =>
  statementsOf(roles[role]!).filter(({ Effect, Action }) => Effect === "Allow" && Action.includes(action));
const resources = (role: string, action: string): unknown[] => about(role, action).flatMap(({ Resource }) => Resource);

describe("the front door's role", () => {
  it("exists where there is a front door", () => {
    assert.ok("front-door" in roles);
    assert.ok(!("front-door" in allRoles(scopeOf("dev"))));
  });

  it("asks the environment's models, and looks at the champion's variants", () => {
    const endpoint = (name: string) => `arn:aws:sagemaker:eu-central-1:${scope.place.accountId}:endpoint/${name}`;
    const rungs = scope.settings.frontDoor!.rungs.map((rung) =>
      endpoint(rung === "champion" ? "peregrine-prod-detector" : `peregrine-prod-detector-${rung}`),
    );
    assert.deepEqual(resources("front-door", "sagemaker:InvokeEndpoint"), rungs);
    assert.deepEqual(resources("front-door", "sagemaker:DescribeEndpoint"), [endpoint("peregrine-prod-detector")]);
  });

  it("writes held images and what it knows of servers, and no ledger of releases, alert or decision", () => {
    assert.deepEqual(resources("front-door", "s3:PutObject"), [
      `${bucket}/watch/failover/state.json`,
      `${bucket}/watch/failover/ledger.jsonl`,
      `${bucket}/held/*`,
    ]);
    assert.deepEqual(writersOf("held"), ["front-door"]);
    assert.ok(!writersOf("ledger").includes("front-door"));
  });

  it("changes nothing that serves, and nothing but its own queue", () => {
    const actions = statementsOf(roles["front-door"]!).flatMap(({ Action }) => Action);
    assert.deepEqual(
      actions.filter((action) => /^sagemaker:(?!InvokeEndpoint$|DescribeEndpoint$)|^(iam|lambda|ssm):/.test(action)),
      [],
    );
    assert.deepEqual(resources("front-door", "sqs:SendMessage"), [
      `arn:aws:sqs:eu-central-1:${scope.place.accountId}:peregrine-prod-held`,
    ]);
  });

  it("is not what clients take: ML engineers use the door by its URL alone", () => {
    const users = Object.keys(roles).filter((role) =>
      about(role, "lambda:InvokeFunctionUrl").some(({ Resource }) => String(Resource).endsWith("front-door")),
    );
    assert.deepEqual(users, ["ml-engineer"]);
    const calls = about("ml-engineer", "lambda:InvokeFunction").filter(({ Resource }) =>
      String(Resource).endsWith("front-door"),
    );
    assert.deepEqual(
      calls.map(({ Condition }) => Condition),
      [{ Bool: { "lambda:InvokedViaFunctionUrl": "true" } }],
    );
  });
});
