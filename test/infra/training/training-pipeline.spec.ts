import assert from "node:assert/strict";
import { allSteps, type PipelineDefinition } from "../../../infra/training/definition";
import { lintDefinition } from "../../../infra/training/definition-linter";
import { trainingPipeline } from "../../../infra/training/training-pipeline";
import type { Value } from "../../../infra/training/expressions";
import { packageCard } from "../../../contract/package-card";
import { recordedParameters } from "../../../contract/metadata-value";
import { environments } from "../../../contract/environments";
import { scopeOf } from "../../support/scope";
import { requestProblems, sagemakerModel } from "../../support/service-model";
import { datasetBucket } from "../../support/dataset";

const role = (name: string) => `arn:aws:iam::123456789012:role/peregrine/dev/peregrine-dev-${name}`;
const input = {
  trainingRoleArn: role("training-execution"),
  processingRoleArn: role("processing-execution"),
  announceFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:peregrine-dev-announce-candidate",
  trialQueueUrl: "https://sqs.eu-central-1.amazonaws.com/123456789012/peregrine-dev-trials",
  mlflowAppArn: "arn:aws:sagemaker:eu-central-1:123456789012:mlflow-app/app-ABCDEFGHIJKL",
};
const definitionOf = (stack: string, changes = {}): PipelineDefinition =>
  trainingPipeline(scopeOf(stack, changes), input);
const stepOf = (name: string, definition = definitionOf("dev")) =>
  allSteps(definition.Steps).find((step) => step.Name === name)!;
const argumentsOf = (name: string, definition?: PipelineDefinition) =>
  stepOf(name, definition).Arguments as Record<string, any>;

/** A text with the names of what a run fills in. */
function filledIn(value: Value): string {
  if (typeof value !== "object") return String(value);
  if ("Get" in value) return `<${value.Get}>`;
  if ("Std:Join" in value) return value["Std:Join"].Values.map(filledIn).join(value["Std:Join"].On);
  const { PropertyFile, Path } = value["Std:JsonGet"];
  return `<${PropertyFile.Get.split(".").at(-1)} ${Path}>`;
}

describe("the training pipeline", () => {
  for (const stack of environments)
    it(`is sound in ${stack}`, () => {
      assert.deepEqual(lintDefinition(definitionOf(stack)), []);
    });

  it("has the steps of a model's making, in order", () => {
    assert.deepEqual(
      allSteps(definitionOf("dev").Steps).map(({ Name, Type }) => `${Name} ${Type}`),
      [
        "ProfileData Processing",
        "PrepareData Processing",
        "TrainDetector Training",
        "EvaluateDetector Processing",
        "MeetsQualityBar Condition",
        "RegisterDetector RegisterModel",
        "DeployStaging Callback",
        "AnnounceCandidate Lambda",
        "QualityBarMissed Fail",
      ],
    );
  });

  describe("makes requests that SageMaker's own model accepts", () => {
    const requests = {
      Processing: ["CreateProcessingJob"],
      Training: ["CreateTrainingJob"],
      RegisterModel: ["CreateModelPackage"],
    } as const;
    for (const stack of environments)
      for (const step of allSteps(definitionOf(stack).Steps).filter(({ Type }) => Type in requests))
        it(`${step.Name} in ${stack}`, () => {
          const [operation, ...filledIn] = requests[step.Type as keyof typeof requests];
          assert.deepEqual(requestProblems(sagemakerModel(), operation, step.Arguments, filledIn), []);
        });
  });

  for (const stack of environments)
    it(`calls its jobs by the environment, in ${stack}, which leaves room for what SageMaker adds`, () => {
      const prefixes = allSteps(definitionOf(stack).Steps).flatMap(({ Type, Arguments }) =>
        Type === "Processing" || Type === "Training" ? [(Arguments as Record<string, unknown>)[`${Type}JobName`]] : [],
      );
      assert.deepEqual(
        prefixes,
        ["ProfileData", "PrepareData", "TrainDetector", "EvaluateDetector"].map(
          (step) => `peregrine-${stack}-run-${step}`,
        ),
      );
    });

  it("has a candidate tried in staging before people are told, with what they are told of it", () => {
    const trial = stepOf("DeployStaging") as Extract<ReturnType<typeof stepOf>, { Type: "Callback" }>;
    assert.equal(trial.SqsQueueUrl, input.trialQueueUrl);
    assert.deepEqual(trial.Arguments, { modelPackageArn: { Get: "Steps.RegisterDetector.ModelPackageArn" } });
    assert.deepEqual(argumentsOf("AnnounceCandidate")["staging"], {
      Get: "Steps.DeployStaging.OutputParameters['summary']",
    });
  });

  it("goes from registration to announcement where no staging takes candidates", () => {
    const { trialQueueUrl: _none, ...without } = input;
    const definition = trainingPipeline(scopeOf("dev"), without);
    assert.deepEqual(lintDefinition(definition), []);
    assert.ok(!allSteps(definition.Steps).some(({ Type }) => Type === "Callback"));
    assert.ok(!("staging" in argumentsOf("AnnounceCandidate", definition)));
  });

  it("reads the dataset bucket and writes only to the artifacts bucket, under the execution's id", () => {
    const definition = JSON.stringify(definitionOf("dev"));
    assert.ok(definition.includes(`"DefaultValue":"s3://${datasetBucket}/flights/"`));
    for (const name of ["ProfileData", "PrepareData", "EvaluateDetector"])
      for (const { S3Output } of argumentsOf(name)["ProcessingOutputConfig"].Outputs)
        assert.deepEqual(S3Output.S3Uri["Std:Join"].Values.slice(0, 2), [
          "s3://peregrine-dev-artifacts-123456789012/runs",
          { Get: "Execution.PipelineExecutionId" },
        ]);
  });

  it("passes hyperparameters as text, as SageMaker demands", () => {
    const parameters = Object.entries(argumentsOf("TrainDetector")["HyperParameters"]);
    assert.deepEqual(
      parameters.map(([name]) => name),
      ["model", "epochs", "imgsz", "batch", "lr0", "freeze", "seed"],
    );
    for (const [name, value] of parameters)
      assert.ok(name === "model" || (value as object).hasOwnProperty("Std:Join"), name);
  });

  it("gives every job the tags of the environment, since default tags do not reach jobs", () => {
    for (const name of ["ProfileData", "PrepareData", "TrainDetector", "EvaluateDetector"])
      assert.deepEqual(
        argumentsOf(name)
          ["Tags"].map(({ Key }: { Key: string }) => Key)
          .sort(),
        ["cost-center", "environment", "managed-by", "owner", "project"],
      );
  });

  it("shows the first steps every text of a run that the registry keeps and that no list of values limits: they refuse what it would", () => {
    const { Parameters } = definitionOf("dev");
    const free = recordedParameters.filter((name) =>
      Parameters.some((parameter) => parameter.Name === name && !("EnumValues" in parameter)),
    );
    assert.deepEqual(free, ["RunReason", "DatasetUri"]);
    for (const step of ["ProfileData", "PrepareData"])
      for (const name of free)
        assert.ok(
          Object.values(argumentsOf(step)["Environment"]).some(
            (value) => JSON.stringify(value) === JSON.stringify({ Get: `Parameters.${name}` }),
          ),
          `${step}: ${name}`,
        );
  });

  it("logs to the environment's MLflow App", () => {
    for (const name of ["TrainDetector", "EvaluateDetector"])
      assert.equal(argumentsOf(name)["Environment"].MLFLOW_TRACKING_URI, input.mlflowAppArn);
  });

  it("waits for spot capacity only where spot is on: the service refuses the time limit otherwise", () => {
    const spot = argumentsOf("TrainDetector", definitionOf("dev"));
    assert.deepEqual(
      [spot["EnableManagedSpotTraining"], spot["StoppingCondition"].MaxWaitTimeInSeconds],
      [true, 86_400],
    );
    const onDemand = argumentsOf("TrainDetector", definitionOf("prod"));
    assert.deepEqual(
      [onDemand["EnableManagedSpotTraining"], "MaxWaitTimeInSeconds" in onDemand["StoppingCondition"]],
      [false, false],
    );
  });

  it("registers candidates for a person to decide, with what the gate needs to know", () => {
    const register = argumentsOf("RegisterDetector");
    assert.equal(register["ModelApprovalStatus"], "PendingManualApproval");
    assert.ok(
      ["map50", "modelSha256", "licence", "pipelineExecutionArn"].every(
        (name) => name in register["CustomerMetadataProperties"],
      ),
    );
    assert.ok(!("Tags" in register), "a version takes the tags of its group");
  });

  it("writes the model's card from what its steps measured, of the package that it registers", () => {
    const use = 'finds boats, "whatever" the light';
    const register = argumentsOf("RegisterDetector", definitionOf("dev", { "peregrine:intendedUse": use }));
    const { ModelCardContent: content, ModelCardStatus: status } = register["ModelCard"];
    assert.equal(status, "PendingReview");
    const card = packageCard.parse(JSON.parse(filledIn(content)));
    assert.deepEqual(card.model_overview.model_artifact, ["<Steps.TrainDetector.ModelArtifacts.S3ModelArtifacts>"]);
    assert.deepEqual(card.training_details.training_job_details.training_environment.container_image, [
      register["InferenceSpecification"].Containers[0].Image,
    ]);
    assert.equal(card.intended_uses.intended_uses, use);
    const { evaluation, ...details } = card.additional_information.custom_details;
    assert.equal(evaluation, filledIn(register["ModelMetrics"].ModelQuality.Statistics.S3Uri));
    assert.equal(details["modelSha256"], filledIn(register["CustomerMetadataProperties"].modelSha256));
    assert.deepEqual(
      card.evaluation_details[0]!.metric_groups[0]!.metric_data.map(({ name, value }) => `${name}: ${value}`),
      [
        "mAP50: <Evaluation detection_metrics.map50.value>",
        "mAP: <Evaluation detection_metrics.map.value>",
        "latency p99 ms: <Evaluation detection_metrics.latency_ms.p99>",
        "model bytes: <Evaluation detection_metrics.model_bytes>",
      ],
    );
  });
});
