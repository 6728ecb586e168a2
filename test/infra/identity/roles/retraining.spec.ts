import assert from "node:assert/strict";
import { environments } from "../../../../contract/environments";
import { allRoles, statementsOf } from "../../../../infra/identity/roles/all-roles";
import { allowedTo } from "../../../support/allowed";
import { scopeOf } from "../../../support/scope";

const dev = scopeOf("dev");
const pipeline = dev.arns.sagemaker(`pipeline/${dev.pipelineName}`);

const own = (name: string) => dev.arns.object(dev.artifactsBucket, `${name}*`);

describe("the roles of retraining", () => {
  it("exist where proposals are decided, and nowhere else; failures are explained wherever there is a pipeline", () => {
    const of = (environment: string) =>
      Object.keys(allRoles(scopeOf(environment))).filter((name) =>
        ["retraining", "new-data", "new-data-start", "training-failure"].includes(name),
      );
    assert.deepEqual(
      environments.map((name) => of(name).length),
      [4, 1, 1],
    );
  });

  it("the decider starts this pipeline alone, reads what it weighs, and writes decisions", () => {
    const { "sagemaker:StartPipelineExecution": starts, ...rest } = allowedTo("retraining", dev);
    assert.deepEqual(starts, [pipeline]);
    assert.deepEqual(Object.keys(rest).sort(), [
      "events:PutEvents",
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:GenerateDataKey",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "s3:GetObject",
      "s3:ListBucket",
      "s3:PutObject",
      "sagemaker:DescribeEndpoint",
      "sagemaker:DescribeModelPackage",
      "sagemaker:ListModelPackages",
      "sagemaker:ListPipelineExecutionSteps",
      "sagemaker:ListPipelineExecutions",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:ReceiveMessage",
    ]);
    assert.deepEqual(rest["s3:PutObject"], [own("watch/")]);
    assert.deepEqual(rest["s3:GetObject"], [own("watch/")]);
  });

  it("who looks for new data reads the data set and never writes it", () => {
    const rights = allowedTo("new-data", dev);
    assert.deepEqual(rights["s3:PutObject"], [own("watch/")]);
    assert.equal(
      Object.keys(rights).some((action) => action.startsWith("sagemaker:")),
      false,
    );
    const denied = statementsOf(allRoles(dev)["new-data"]!).filter(({ Effect }) => Effect === "Deny");
    assert.deepEqual(
      denied.map(({ Sid }) => Sid),
      ["NeverWriteDataset"],
    );
  });

  it("who explains failures starts nothing and reads no data", () => {
    assert.deepEqual(Object.keys(allowedTo("training-failure", dev)).sort(), [
      "events:PutEvents",
      "logs:CreateLogStream",
      "logs:DescribeLogStreams",
      "logs:GetLogEvents",
      "logs:PutLogEvents",
      "sagemaker:DescribePipelineExecution",
      "sagemaker:ListPipelineExecutionSteps",
    ]);
  });

  it("ML engineers propose where proposals are decided", () => {
    const queue = dev.arns.queue(dev.retrainingQueue);
    for (const environment of environments)
      assert.equal(
        statementsOf(allRoles(scopeOf(environment))["ml-engineer"]!).some(({ Resource = [] }) =>
          Resource.includes(queue),
        ),
        environment === "dev",
      );
  });
});
