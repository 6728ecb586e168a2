import assert from "node:assert/strict";
import { monitoringCron, monitoringPipeline } from "../../../infra/monitoring/pipeline";
import { environments } from "../../../contract/environments";
import { parseSchedule } from "../../../local/services/events/schedules";
import { lintDefinition } from "../../../infra/training/definition-linter";
import { built } from "../../support/build";
import { releaseOf, scopeOf } from "../../support/scope";
import { requestProblems, sagemakerModel } from "../../support/service-model";

const pipeline = "aws:sagemaker/pipeline:Pipeline";
const schedule = "aws:scheduler/schedule:Schedule";
const managed = {
  "peregrine:monitoringMode": "managed",
  "peregrine:existingCustomerOf": '["model-monitor"]',
  "peregrine:monitoringEnabled": "true",
};
const own = { "peregrine:monitoringMode": "self-hosted" };
const release = { "/peregrine/prod/release": JSON.stringify(releaseOf()) };

describe("monitoring", () => {
  for (const stack of environments)
    it(`by ourselves is a sound pipeline in ${stack}, whose job SageMaker's own model accepts`, () => {
      const definition = monitoringPipeline(scopeOf(stack), "champion");
      assert.deepEqual(lintDefinition(definition), []);
      assert.deepEqual(
        requestProblems(sagemakerModel(), "CreateProcessingJob", definition.Steps[0]!.Arguments, ["ProcessingJobName"]),
        [],
      );
    });

  it("starts that pipeline on a schedule that stands still until the settings say so", async () => {
    const still = (await built("dev", own)).recorder;
    assert.equal(still.one(schedule).inputs["state"], "DISABLED");
    const { inputs } = (
      await built("dev", { ...own, "peregrine:monitoringEnabled": "true", "peregrine:monitoringEveryHours": "6" })
    ).recorder.one(schedule);
    assert.deepEqual([inputs["state"], inputs["scheduleExpression"]], ["ENABLED", "cron(0 0/6 ? * * *)"]);
    assert.match(inputs["target"].arn, /pipeline\/peregrine-dev-monitoring-pipeline$/);
    assert.match(inputs["target"].roleArn, /monitoring-start/);
    assert.match(inputs["groupName"], /peregrine-dev-schedules/);
  });

  it("reads what the endpoint captured and writes reports, by a role that can do no more", async () => {
    const { recorder } = await built("prod", own);
    const step = JSON.parse(recorder.one(pipeline, "peregrine-prod-monitoring-pipeline").inputs["pipelineDefinition"])
      .Steps[0].Arguments;
    assert.equal(step.NetworkConfig.VpcConfig.Subnets.length, 2);
    assert.deepEqual(step.AppSpecification.ContainerArguments, ["monitor"]);
    assert.equal(
      step.Environment.dataset_source,
      "s3://peregrine-prod-artifacts-123456789012/capture/peregrine-prod-detector/champion",
    );
    assert.deepEqual(step.Tags.map(({ Key }: { Key: string }) => Key).sort(), [
      "cost-center",
      "environment",
      "managed-by",
      "owner",
      "project",
    ]);
    const duties = JSON.parse(
      recorder.one("aws:iam/rolePolicy:RolePolicy", "peregrine-prod-identity-monitoring-execution-duties").inputs[
        "policy"
      ],
    ).Statement as { Action: string[]; Resource: string[]; Effect: string }[];
    const written = duties
      .filter(({ Action, Effect }) => Effect === "Allow" && Action.includes("s3:PutObject"))
      .flatMap(({ Resource }) => Resource);
    assert.deepEqual(written, ["arn:aws:s3:::peregrine-prod-artifacts-123456789012/monitoring/*"]);
  });

  it("is heard of when it fails", async () => {
    const rule = (await built("prod", own)).recorder.one(
      "aws:cloudwatch/eventRule:EventRule",
      "peregrine-prod-reactions-monitoring-failed",
    ).inputs;
    assert.deepEqual(JSON.parse(rule["eventPattern"]).detail.pipelineArn, [
      "arn:aws:sagemaker:eu-central-1:123456789012:pipeline/peregrine-prod-monitoring",
    ]);
  });

  it("by Model Monitor is a schedule with our image and verb, once there is an endpoint", async () => {
    assert.equal(
      (await built("prod", managed)).recorder.ofType("aws:sagemaker/monitoringSchedule:MonitoringSchedule").length,
      0,
    );
    const { recorder } = await built("prod", managed, release);
    const { monitoringScheduleConfig: config } = recorder.one(
      "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
    ).inputs;
    assert.equal(config.scheduleConfig.scheduleExpression, "cron(0 * ? * * *)");
    assert.deepEqual(config.monitoringJobDefinition.monitoringAppSpecification, {
      imageUri: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/peregrine-ml:0.1.0",
      containerArguments: ["monitor"],
    });
    assert.equal(config.monitoringJobDefinition.monitoringInputs.endpointInput.endpointName, "peregrine-prod-detector");
    assert.equal(recorder.ofType(schedule).length, 0);
    assert.deepEqual(
      recorder.ofType(pipeline).map(({ name }) => name),
      ["peregrine-prod-training-pipeline"],
    );
  });

  it("is off, with its roles, until somebody asks for it", async () => {
    const { recorder } = await built("prod");
    assert.equal(recorder.ofType(schedule).length, 0);
    assert.deepEqual(
      recorder.ofType("aws:iam/role:Role").filter(({ name }) => /monitoring/.test(name)),
      [],
    );
  });

  it("runs at the hours that were asked for", () => {
    const from = Date.UTC(2026, 10, 26, 4, 30);
    const next = (hours: number) =>
      new Date(parseSchedule(monitoringCron(hours), from)(from)!).toISOString().slice(11, 16);
    assert.deepEqual([1, 2, 6, 24].map(next), ["05:00", "06:00", "06:00", "00:00"]);
  });
});
