import assert from "node:assert/strict";
import { type EndpointUse, findWaste, type WasteFacts } from "../../../lifecycle/costs/waste";

const arnOf = (resource: string, service = "sagemaker"): string =>
  `arn:aws:${service}:eu-central-1:111122223333:${resource}`;
const serving = arnOf("endpoint/peregrine-prod-detector");
const planted = arnOf("endpoint/peregrine-forgotten");

function endpoint(arn: string, changes: Partial<EndpointUse> = {}): EndpointUse {
  return {
    ...{ name: arn.split("/")[1]!, arn, environment: "prod", status: "InService", createdAt: "2026-10-01T00:00:00Z" },
    ...{ instances: [{ type: "ml.g5.xlarge", count: 2 }], invocations: 5 },
    ...changes,
  };
}

function facts(changes: Partial<WasteFacts> = {}): WasteFacts {
  return {
    ...{
      endpoints: [],
      tagged: [],
      declared: new Set([serving]),
      unread: [],
      now: "2026-11-01T00:00:00Z",
      idleDays: 7,
    },
    instanceUsd: (type) => (type === "ml.g5.xlarge" ? 1000 : undefined),
    ...changes,
  };
}

const tagged = (arn: string, environment = "prod", kept = false) => ({ arn, environment, kept });

describe("what is of no use", () => {
  it("is an endpoint that nobody called, with its price and what removes it", () => {
    const found = findWaste(facts({ endpoints: [endpoint(serving), endpoint(planted, { invocations: 0 })] }));
    assert.deepEqual(
      found.map(({ kind, arn, monthlyUsd, command }) => [kind, arn, monthlyUsd, command]),
      [["idle endpoint", planted, 2000, "aws sagemaker delete-endpoint --endpoint-name peregrine-forgotten"]],
    );
  });

  it("is torn down with its stack where one declares it, since the next update would make it again", () => {
    const [found] = findWaste(facts({ endpoints: [endpoint(serving, { invocations: 0 })] }));
    assert.equal(found!.command, "npx peregrine teardown --stack prod");
  });

  it("is not what a stack made a moment ago, nor what is not up", () => {
    const young = { createdAt: "2026-10-31T23:00:00Z", invocations: 0 };
    const failed = { status: "Failed", invocations: 0 };
    assert.deepEqual(findWaste(facts({ endpoints: [endpoint(serving, young), endpoint(serving, failed)] })), []);
  });

  it("is a young endpoint that no stack knows", () => {
    const young = { createdAt: "2026-10-31T23:00:00Z", invocations: 0 };
    const [found] = findWaste(facts({ endpoints: [endpoint(planted, young)], tagged: [tagged(planted)] }));
    assert.match(found!.why, /since it was made, and no stack knows it/);
  });

  it("says unknown of a price that nobody knows, and never 0", () => {
    const strange = { invocations: 0, instances: [{ type: "ml.p9.huge", count: 1 }] };
    assert.equal(findWaste(facts({ endpoints: [endpoint(planted, strange)] }))[0]!.monthlyUsd, null);
  });

  it("is what carries the tags and no stack knows; a used endpoint among it, with its price", () => {
    const key = arnOf("key/1234", "kms");
    const found = findWaste(
      facts({ endpoints: [endpoint(planted)], tagged: [tagged(serving), tagged(planted), tagged(key, "dev")] }),
    );
    assert.deepEqual(
      found.map(({ kind, arn, monthlyUsd, environment }) => [kind, arn, monthlyUsd, environment]),
      [
        ["orphan", planted, 2000, "prod"],
        ["orphan", key, null, "dev"],
      ],
    );
  });

  it("is not what is kept on purpose, what comes and goes, or what belongs to a stack that could not be read", () => {
    const found = findWaste(
      facts({
        unread: ["staging"],
        tagged: [
          tagged("arn:aws:s3:::peregrine-prod-audit-1", "prod", true),
          tagged(arnOf("training-job/run-1")),
          tagged(arnOf("parameter/peregrine/prod/release", "ssm")),
          tagged(arnOf("pipeline/training/execution/abc")),
          tagged(arnOf("log-group:/aws/sagemaker/TrainingJobs", "logs")),
          tagged(arnOf("endpoint/peregrine-staging-detector"), "staging"),
        ],
      }),
    );
    assert.deepEqual(found, []);
  });

  it("is removed by a command of its kind, and shown by one where its kind is not known", () => {
    const commands = [
      [arnOf("pipeline/old"), "aws sagemaker delete-pipeline --pipeline-name old"],
      [arnOf("endpoint-config/old"), "aws sagemaker delete-endpoint-config --endpoint-config-name old"],
      [arnOf("function:old", "lambda"), "aws lambda delete-function --function-name old"],
      ["arn:aws:s3:::old", "aws s3 rb s3://old --force"],
      [arnOf("old", "sns"), `aws sns delete-topic --topic-arn ${arnOf("old", "sns")}`],
      [arnOf("old", "sqs"), "aws sqs delete-queue --queue-url https://sqs.eu-central-1.amazonaws.com/111122223333/old"],
      [
        arnOf("app/d-1/space/JupyterLab/default"),
        "aws sagemaker delete-app --domain-id d-1 --space-name space --app-type JupyterLab --app-name default",
      ],
      [
        arnOf("thing/x", "strange"),
        `aws resourcegroupstaggingapi get-resources --resource-arn-list ${arnOf("thing/x", "strange")}`,
      ],
    ] as const;
    for (const [arn, command] of commands)
      assert.equal(findWaste(facts({ tagged: [tagged(arn)] }))[0]!.command, command);
  });

  it("begins with what is dearest", () => {
    const dear = endpoint(planted, { invocations: 0, instances: [{ type: "ml.g5.xlarge", count: 5 }] });
    const cheap = endpoint(arnOf("endpoint/other"), { invocations: 0 });
    assert.deepEqual(
      findWaste(facts({ endpoints: [cheap, dear] })).map(({ monthlyUsd }) => monthlyUsd),
      [5000, 2000],
    );
  });
});
