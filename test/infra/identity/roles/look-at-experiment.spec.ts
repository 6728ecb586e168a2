import assert from "node:assert/strict";
import { permissionsBoundary } from "../../../../infra/identity/documents/boundary";
import { allRoles } from "../../../../infra/identity/roles/all-roles";
import { allowedTo } from "../../../support/allowed";
import { scopeOf } from "../../../support/scope";

const scope = scopeOf("prod", { "peregrine:experimentEveryMinutes": "10" });

describe("the roles of looks at experiments", () => {
  it("exist where experiments are made", () => {
    const none = Object.keys(allRoles(scopeOf("prod", { "peregrine:experimentEveryMinutes": "0" })));
    assert.deepEqual(
      none.filter((name) => name.startsWith("look-at-experiment")),
      [],
    );
  });

  it("move traffic, and change nothing else that serves: neither variants nor the desired release nor the ledger", () => {
    const rights = allowedTo("look-at-experiment", scope);
    const changing = Object.keys(rights).filter(
      (action) => !/:(Get|List|Describe|Filter|Decrypt|GenerateDataKey)/.test(action),
    );
    assert.deepEqual(changing.sort(), [
      "events:PutEvents",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "s3:PutObject",
      "sagemaker:UpdateEndpointWeightsAndCapacities",
      "sqs:SendMessage",
    ]);
    assert.deepEqual(rights["sagemaker:UpdateEndpointWeightsAndCapacities"], [
      scope.arns.sagemaker("endpoint/peregrine-prod-detector"),
    ]);
    assert.deepEqual(rights["logs:FilterLogEvents"], [
      scope.arns.logGroup("/aws/sagemaker/Endpoints/peregrine-prod-detector*"),
    ]);
    assert.deepEqual(rights["s3:PutObject"], [scope.arns.object(scope.artifactsBucket, "watch/experiments/*")]);
    assert.deepEqual(rights["sqs:SendMessage"], [scope.arns.queue("peregrine-requests-prod")]);
  });

  it("alone move traffic: their boundary lets nobody else, and them do nothing more", () => {
    const denials = permissionsBoundary(scope).filter(
      ({ Effect, Action }) =>
        Effect === "Deny" && Action.some((action) => action.startsWith("sagemaker:UpdateEndpoint")),
    );
    assert.deepEqual(
      denials.map(({ Action, Condition }) => [
        Action.filter((action) => action.startsWith("sagemaker:UpdateEndpoint")),
        Condition,
      ]),
      [
        [["sagemaker:UpdateEndpoint"], { ArnNotEquals: { "aws:PrincipalArn": scope.roleArn("night-schedule") } }],
        [["sagemaker:UpdateEndpointW*"], { ArnNotEquals: { "aws:PrincipalArn": scope.roleArn("look-at-experiment") } }],
      ],
    );
  });

  it("are called by their schedule alone, which can do nothing else", () => {
    assert.deepEqual(allowedTo("look-at-experiment-start", scope), {
      "lambda:InvokeFunction": [scope.arns.lambda("peregrine-prod-look-at-experiment")],
      "sqs:SendMessage": [scope.arns.queue("peregrine-prod-dead-letters")],
    });
  });
});
