import assert from "node:assert/strict";
import { EnvironmentNotUp, OutputsDamaged } from "../../../automation/errors";
import { outputsOf } from "../../../automation/stack/outputs";
import type { StackOutputs } from "../../../contract/outputs";

const outputs: StackOutputs = {
  environment: "dev",
  artifactsBucket: "artifacts",
  datasetBucket: "dataset",
  imageUri: "image",
  modelPackageGroup: "group",
  pipelineName: "pipeline",
  trackingUri: "arn:aws:sagemaker:eu-central-1:111122223333:mlflow-app/app-1",
  eventBusName: "bus",
  approvalKeyArn: "arn:aws:kms:eu-central-1:111122223333:key/1",
  releaseParameter: "/release",
  ledgerHeadParameter: "/ledger-head",
  logKeyArn: "arn:aws:kms:eu-central-1:111122223333:key/2",
  logHeadParameter: "/log-head",
  endpointName: "endpoint",
  roleArns: { auditor: "arn:aws:iam::111122223333:role/auditor" },
  alertTopicArns: { critical: "c", warning: "w", info: "i" },
};
const stackWith = (found: Readonly<Record<string, unknown>> | undefined) => [
  { type: "aws:s3/bucket:Bucket", outputs: { artifactsBucket: "not the stack's" } },
  { type: "pulumi:pulumi:Stack", ...(found ? { outputs: found } : {}) },
];

describe("the outputs of an environment's stack", () => {
  it("are what its state holds, without what automation knows nothing of", () => {
    assert.deepEqual(outputsOf("dev", stackWith({ ...outputs, later: "unknown here" })), outputs);
  });

  it("are not there before the first update has come to its end", () => {
    for (const resources of [[], stackWith(undefined), stackWith({})])
      assert.throws(
        () => outputsOf("staging", resources),
        (error: Error) =>
          error instanceof EnvironmentNotUp &&
          error.message === "Environment staging is not up." &&
          error.next === "Bring it up first: pulumi up --stack staging --policy-pack policies",
      );
  });

  it("of another version of the program are refused with all that is wrong", () => {
    const { approvalKeyArn: _none, ...older } = outputs;
    assert.throws(
      () => outputsOf("dev", stackWith({ ...older, endpointName: 1, alertTopicArns: { critical: "c", warning: "w" } })),
      (error: Error) =>
        error instanceof OutputsDamaged &&
        error.message.endsWith(
          "program:\n  - approvalKeyArn: missing\n  - endpointName: 1\n  - alertTopicArns.info: missing",
        ),
    );
  });
});
