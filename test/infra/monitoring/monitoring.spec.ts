import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { monitoringCron, monitoringPipeline } from "../../../infra/monitoring/pipeline";
import { monitoringVariables } from "../../../infra/monitoring/variables";
import { allRoles, statementsOf } from "../../../infra/identity/roles/all-roles";
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
const release = { "/peregrine/prod/release": JSON.stringify(releaseOf()) };

describe("monitoring", () => {
  for (const stack of environments)
    it(`by ourselves is a sound pipeline in ${stack}, whose job SageMaker's own model accepts`, () => {
      const definition = monitoringPipeline(scopeOf(stack));
      assert.deepEqual(lintDefinition(definition), []);
      assert.deepEqual(
        requestProblems(sagemakerModel(), "CreateProcessingJob", definition.Steps[0]!.Arguments, ["ProcessingJobName"]),
        [],
      );
    });

  it("starts that pipeline on a schedule that stands still where the settings say so", async () => {
    const still = (await built("dev", { "peregrine:monitoringEnabled": "false" })).recorder;
    assert.equal(still.one(schedule, "peregrine-dev-monitoring-schedule").inputs["state"], "DISABLED");
    const { inputs } = (await built("dev", { "peregrine:monitoringEveryHours": "6" })).recorder.one(
      schedule,
      "peregrine-dev-monitoring-schedule",
    );
    assert.deepEqual([inputs["state"], inputs["scheduleExpression"]], ["ENABLED", "cron(0 0/6 ? * * *)"]);
    assert.match(inputs["target"].arn, /pipeline\/peregrine-dev-monitoring-pipeline$/);
    assert.match(inputs["target"].roleArn, /monitoring-start/);
    assert.match(inputs["groupName"], /peregrine-dev-schedules/);
  });

  it("reads what the endpoint captured and writes reports, by a role that can do no more", async () => {
    const { recorder } = await built("prod");
    const step = JSON.parse(recorder.one(pipeline, "peregrine-prod-monitoring-pipeline").inputs["pipelineDefinition"])
      .Steps[0].Arguments;
    assert.equal(step.NetworkConfig.VpcConfig.Subnets.length, 2);
    assert.deepEqual(step.AppSpecification.ContainerArguments, ["monitor"]);
    assert.equal(
      step.Environment.dataset_source,
      "s3://peregrine-prod-artifacts-123456789012/capture/peregrine-prod-detector",
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
    const told = duties.filter(({ Action, Effect }) => Effect === "Allow" && Action.includes("events:PutEvents"));
    assert.deepEqual(
      told.flatMap(({ Resource }) => Resource),
      ["arn:aws:events:eu-central-1:123456789012:event-bus/peregrine-prod-events"],
    );
    const read = duties
      .filter(({ Action, Effect }) => Effect === "Allow" && Action.includes("s3:GetObject"))
      .flatMap(({ Resource }) => Resource.map((resource) => resource.replace(/^[^/]*\//, "")));
    assert.deepEqual(read.sort(), ["capture/*", "labels/*", "monitoring/*", "releases/baselines/*"]);
  });

  it("runs on its own instance type alone, and no longer than jobs may", () => {
    const scope = scopeOf("prod");
    const limits = statementsOf(allRoles(scope)["monitoring-execution"]!).filter(({ Effect }) => Effect === "Deny");
    const conditions = Object.fromEntries(limits.map(({ Sid, Condition }) => [Sid, Condition]));
    assert.deepEqual(conditions["LimitInstanceTypes"], {
      "ForAnyValue:StringNotEquals": { "sagemaker:InstanceTypes": [scope.settings.monitoring.instanceType] },
    });
    assert.ok(conditions["LimitJobTime"]?.["NumericGreaterThanIfExists"]);
  });

  it("tells the container where baselines lie, whom to tell, and what to hold answers to", () => {
    assert.deepEqual(monitoringVariables(scopeOf("prod", { "peregrine:falseAlarmDays": "90" })), {
      environment: "prod",
      artifacts_uri: "s3://peregrine-prod-artifacts-123456789012",
      event_bus_name: "peregrine-prod-events",
      metric_namespace: "Peregrine/prod/monitoring",
      every_hours: "1",
      false_alarm_days: "90",
      minimum_effect: "0.1",
      relevant_drop: "0.05",
      objective_map50: "0.25",
      objective_f1: "0.3",
    });
  });

  it("names no variable that the container would drop", () => {
    const kept = readFileSync(join(__dirname, "..", "..", "..", "ml", "peregrine_ml", "environment.py"), "utf8");
    const { Environment: variables } = monitoringPipeline(scopeOf("prod")).Steps[0]!.Arguments as {
      Environment: Record<string, unknown>;
    };
    assert.deepEqual(
      Object.keys(variables).filter((name) => !kept.includes(`"${name}"`)),
      [],
    );
  });

  it("shares a run among instances when the settings ask for it", async () => {
    const several = { "peregrine:monitoringInstances": "4" };
    const step = monitoringPipeline(scopeOf("prod", several)).Steps[0]!.Arguments as {
      ProcessingResources: { ClusterConfig: { InstanceCount: number } };
    };
    assert.equal(step.ProcessingResources.ClusterConfig.InstanceCount, 4);
    const { monitoringScheduleConfig: config } = (
      await built("prod", { ...managed, ...several }, release)
    ).recorder.one("aws:sagemaker/monitoringSchedule:MonitoringSchedule").inputs;
    const { monitoringInputs, monitoringResources } = config.monitoringJobDefinition;
    assert.equal(monitoringInputs.endpointInput.s3DataDistributionType, "ShardedByS3Key");
    assert.equal(monitoringResources.clusterConfig.instanceCount, 4);
  });

  it("is heard of when it fails", async () => {
    const rule = (await built("prod")).recorder.one(
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
    assert.deepEqual(config.monitoringJobDefinition.environment, monitoringVariables(scopeOf("prod")));
    // Model Monitor itself adds endpoint, schedule and hour.
    assert.equal(
      config.monitoringJobDefinition.monitoringOutputConfig.monitoringOutputs.s3Output.s3Uri,
      "s3://peregrine-prod-artifacts-123456789012/monitoring/reports",
    );
    assert.equal(config.monitoringJobDefinition.monitoringInputs.endpointInput.endpointName, "peregrine-prod-detector");
    assert.deepEqual(
      recorder.ofType(schedule).filter(({ name }) => name.includes("-monitoring-")),
      [],
    );
    assert.deepEqual(
      recorder.ofType(pipeline).map(({ name }) => name),
      ["peregrine-prod-training-pipeline"],
    );
  });

  it("is off, with its roles, where somebody switches it off", async () => {
    const { recorder } = await built("prod", { "peregrine:monitoringMode": "off" });
    assert.deepEqual(
      recorder.ofType(schedule).filter(({ name }) => name.includes("-monitoring-")),
      [],
    );
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
