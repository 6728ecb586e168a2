import assert from "node:assert/strict";
import { environments } from "../../../../contract/environments";
import type { Statement } from "../../../../infra/identity/document";
import { allRoles, statementsOf } from "../../../../infra/identity/roles/all-roles";
import { writersOf } from "../../../../infra/identity/writers";
import { built } from "../../../support/build";
import { scopeOf } from "../../../support/scope";

const scope = scopeOf("prod");
const roles = allRoles(scope);

/** Statements of a role that touch an action. */
const about = (role: string, action: string): Statement[] =>
  statementsOf(roles[role]!).filter(({ Effect, Action }) => Effect === "Allow" && Action.includes(action));

const ofFeedback = ({ Resource }: Statement): boolean => String(Resource).endsWith("-feedback");

describe("feedback", () => {
  it("is written by its function alone, below the labels of its endpoint", () => {
    assert.deepEqual(writersOf("labels"), ["feedback"]);
    const [write, ...more] = about("feedback", "s3:PutObject");
    assert.deepEqual(write!.Resource, [`arn:aws:s3:::${scope.artifactsBucket}/labels/${scope.endpointName}/*`]);
    assert.deepEqual(more, []);
  });

  it("can do nothing but write, encrypt and log", () => {
    const actions = statementsOf(roles["feedback"]!).flatMap(({ Action }) => Action);
    assert.deepEqual([...actions].sort(), [
      "kms:GenerateDataKey",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "s3:PutObject",
    ]);
  });

  it("is given by ML engineers alone, by the URL alone, and in sessions of their own name alone", () => {
    const givers = Object.keys(roles).filter((role) => about(role, "lambda:InvokeFunctionUrl").length > 0);
    assert.deepEqual(givers, ["ml-engineer"]);
    const own = { "aws:userid": "*:${aws:SourceIdentity}" };
    const [byUrl] = about("ml-engineer", "lambda:InvokeFunctionUrl").filter(ofFeedback);
    assert.deepEqual(byUrl!.Condition, { StringLike: own });
    for (const { Condition } of about("ml-engineer", "lambda:InvokeFunction").filter(ofFeedback))
      assert.deepEqual(Condition, { StringLike: own, Bool: { "lambda:InvokedViaFunctionUrl": "true" } });
  });

  it("has a URL that wants a signature, in every environment", async () => {
    for (const environment of environments) {
      const { recorder } = await built(environment);
      const url = recorder.one("aws:lambda/functionUrl:FunctionUrl", `peregrine-${environment}-feedback-url`);
      assert.equal(url.inputs["authorizationType"], "AWS_IAM");
      const { inputs } = recorder.one(
        "aws:lambda/function:Function",
        `peregrine-${environment}-feedback-handler-function`,
      );
      assert.deepEqual(inputs["environment"].variables, {
        ARTIFACTS_BUCKET: scopeOf(environment).artifactsBucket,
        ENDPOINT_NAME: `peregrine-${environment}-detector`,
      });
    }
  });
});
