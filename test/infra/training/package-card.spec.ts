import assert from "node:assert/strict";
import { allSteps } from "../../../infra/training/definition";
import { trainingPipeline } from "../../../infra/training/training-pipeline";
import { parseEvaluation } from "../../../automation/release/evaluation";
import { packageCard } from "../../../contract/package-card";
import { isUnknown } from "../../../lifecycle/comparison";
import { cardCheck, type CardPolicy } from "../../../lifecycle/model-card";
import { parseDefinition } from "../../../local/services/sagemaker/pipelines/checks";
import { cardProblem } from "../../../local/services/sagemaker/registry/card-schema";
import { resolve, type Scope } from "../../../local/services/sagemaker/pipelines/values";
import { scopeOf } from "../../support/scope";

const intendedUse = 'finds "boats"';
const definition = trainingPipeline(scopeOf("dev", { "peregrine:intendedUse": intendedUse }), {
  trainingRoleArn: "arn:aws:iam::123456789012:role/training",
  processingRoleArn: "arn:aws:iam::123456789012:role/processing",
  announceFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:peregrine-dev-announce-candidate",
  mlflowAppArn: "arn:aws:sagemaker:eu-central-1:123456789012:mlflow-app/app-ABCDEFGHIJKL",
});
const sha256 = "ab".repeat(32);
const evaluation = {
  schema: "peregrine.evaluation/2",
  detection_metrics: {
    map50: { value: 0.41234567891 },
    map: { value: 0.00001234 },
    slices: {},
    latency_ms: { p50: 9.5, p99: 20.25 },
    model_bytes: 10_500_123,
  },
  comparison: { champion: false, map50_gain: { value: 0.4 } },
  model: { archive_sha256: sha256 },
  champion_model: null,
  dataset: { digest: "d".repeat(64) },
};
const folder = "s3://artifacts/runs/e1/evaluation";

/** What a run has come to when it registers the model. */
const run: Scope = {
  parameters: Object.fromEntries(
    definition.Parameters.map(({ Name, DefaultValue }) => [Name, (DefaultValue ?? "x") as string]),
  ),
  execution: { PipelineExecutionArn: "arn:aws:sagemaker:eu-central-1:123456789012:pipeline/p/execution/e1" },
  response: (step) => ({
    TrainingJobArn: `arn:aws:sagemaker:eu-central-1:123456789012:training-job/${step}`,
    ProcessingJobArn: `arn:aws:sagemaker:eu-central-1:123456789012:processing-job/${step}`,
    ModelArtifacts: { S3ModelArtifacts: "s3://artifacts/runs/e1/model/model.tar.gz" },
    ProcessingOutputConfig: { Outputs: [{ OutputName: "evaluation", S3Output: { S3Uri: folder } }] },
  }),
  json: (source) =>
    Promise.resolve(
      "propertyFile" in source && /Manifest$/.test(source.propertyFile) ? { digest: "d".repeat(64) } : evaluation,
    ),
};

describe("the card of a package that the pipeline registers", () => {
  const step = allSteps(definition.Steps).find(({ Name }) => Name === "RegisterDetector")!;
  const registered = async () => {
    const resolved = (await resolve(step.Arguments as never, run)) as Record<string, any>;
    const content = resolved["ModelCard"].ModelCardContent as string;
    return { resolved, content };
  };
  const facts = ({ resolved, content }: Awaited<ReturnType<typeof registered>>) => ({
    card: packageCard.parse(JSON.parse(content)),
    artifact: resolved["InferenceSpecification"].Containers[0].ModelDataUrl as string,
    image: resolved["InferenceSpecification"].Containers[0].Image as string,
    dataset: resolved["CustomerMetadataProperties"].datasetUri as string,
    evaluation: resolved["ModelMetrics"].ModelQuality.Statistics.S3Uri as string,
  });

  it("is what SageMaker's schema takes, in a definition that it takes", async () => {
    assert.equal(cardProblem((await registered()).content), undefined);
    assert.doesNotThrow(() => parseDefinition(JSON.stringify(definition)));
  });

  it("agrees with the package as the gate of a release compares them", async () => {
    const measured = parseEvaluation(JSON.stringify(evaluation), "evaluation.json");
    assert.ok(!isUnknown(measured));
    const policy: CardPolicy = { demanded: true, intendedUses: { prod: intendedUse } };
    const check = cardCheck(facts(await registered()), sha256, measured, policy);
    assert.ok(check.ok, check.text);
  });
});
