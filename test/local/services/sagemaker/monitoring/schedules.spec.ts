import assert from "node:assert/strict";
import { requiresOf } from "../../../../../local/service";
import type { Members } from "../../../../../local/members";
import { configured, ROLE, served } from "../harness";
import { jobDefinition, now, schedule, scheduled, startWatched, type WatchedCloud } from "./watched";

describe("monitoring schedules", () => {
  let test: WatchedCloud;
  const refusedAs = async (input: Members): Promise<string> => test.refused("CreateMonitoringSchedule", input);
  const named = (MonitoringScheduleName: string): Members => ({ MonitoringScheduleName });
  before(async () => {
    test = await startWatched();
  });
  after(() => test.stop());

  it("are pending after each change, in which nobody may touch them", async () => {
    await test.call("CreateMonitoringSchedule", { ...schedule("life"), Tags: [{ Key: "team", Value: "drones" }] });
    for (const operation of ["DeleteMonitoringSchedule", "StopMonitoringSchedule", "StartMonitoringSchedule"])
      assert.equal(
        await test.refused(operation, named("life")),
        "ValidationException: Monitoring schedule in status Pending",
      );
    assert.equal((await scheduled(test, "life")).MonitoringScheduleStatus, "Scheduled");
    await test.call("StopMonitoringSchedule", named("life"));
    assert.equal((await scheduled(test, "life")).MonitoringScheduleStatus, "Stopped");
    const daily = schedule("life", { ScheduleConfig: { ScheduleExpression: "cron(0 5 ? * * *)" } });
    await test.call("UpdateMonitoringSchedule", daily);
    const updated = await scheduled(test, "life");
    assert.equal(updated.MonitoringScheduleStatus, "Stopped");
    assert.deepEqual(updated.MonitoringScheduleConfig, daily.MonitoringScheduleConfig);
    await test.call("StartMonitoringSchedule", named("life"));
    assert.equal((await scheduled(test, "life")).MonitoringScheduleStatus, "Scheduled");
    const { MonitoringScheduleArn: arn } = await test.call("DescribeMonitoringSchedule", named("life"));
    assert.deepEqual((await test.call("ListTags", { ResourceArn: arn })).Tags, [{ Key: "team", Value: "drones" }]);
    assert.ok((await test.cloud.inventory()).some((item) => item.arn === arn));
    await test.call("DeleteMonitoringSchedule", named("life"));
    assert.match(await test.refused("DescribeMonitoringSchedule", named("life")), /^ResourceNotFound: /);
  });

  it("are refused to an account that was no customer before", async () => {
    const fresh = await startWatched({ existingCustomerOf: [] });
    try {
      const told = "ValidationException: Amazon SageMaker Model Monitor is no longer open to new customers.";
      assert.equal(await fresh.refused("CreateMonitoringSchedule", schedule("new")), told);
      assert.equal(await fresh.refused("CreateDataQualityJobDefinition", dataQuality("new")), told);
    } finally {
      await fresh.stop();
    }
  });

  it("are refused where they could not run", async () => {
    const expression = (ScheduleExpression: string): Members => ({ ScheduleConfig: { ScheduleExpression } });
    for (const wrong of ["rate(1 hour)", "cron(0/5 * ? * * *)", "cron(0 24 ? * * *)", "cron(0 8 ? * MON *)"])
      assert.match(await refusedAs(schedule("x", expression(wrong))), /Invalid schedule expression/);
    assert.match(await refusedAs(schedule("x", expression("NOW"))), /DataAnalysisStartTime and DataAnalysisEndTime/);
    assert.match(await refusedAs(now("x", 25)), /by more than 24 hours/);
    assert.match(await refusedAs(now("x", 0)), /must follow its start/);
    assert.match(
      await refusedAs(schedule("x", {}, { StoppingCondition: { MaxRuntimeInSeconds: 3601 } })),
      /must not exceed 3600 seconds/,
    );
    assert.match(
      await refusedAs(schedule("x", { MonitoringJobDefinition: undefined })),
      /Exactly one of MonitoringJobDefinition/,
    );
    const elsewhere = { EndpointName: "nowhere", LocalPath: "/opt/ml/processing/endpointdata" };
    assert.match(
      await refusedAs(schedule("x", {}, { MonitoringInputs: [{ EndpointInput: elsewhere }] })),
      /Could not find endpoint/,
    );
    await configured(test, "blind");
    await served(test, "blind", "blind");
    assert.match(
      await refusedAs(
        schedule("x", {}, { MonitoringInputs: [{ EndpointInput: { ...elsewhere, EndpointName: "blind" } }] }),
      ),
      /Data capture is not enabled for endpoint blind/,
    );
  });

  it("take job definitions by name, which stay while a schedule names them", async () => {
    await test.call("CreateDataQualityJobDefinition", dataQuality("apart"));
    assert.match(await test.refused("CreateDataQualityJobDefinition", dataQuality("apart")), /^ResourceInUse: /);
    const config = {
      ScheduleConfig: { ScheduleExpression: "cron(0 0/6 ? * * *)" },
      MonitoringJobDefinitionName: "apart",
      MonitoringType: "DataQuality",
    };
    const create = { MonitoringScheduleName: "by-name", MonitoringScheduleConfig: config };
    await test.call("CreateMonitoringSchedule", create);
    const shown = await scheduled(test, "by-name");
    assert.deepEqual([shown.EndpointName, shown.MonitoringType], ["shop", "DataQuality"]);
    assert.match(
      await test.refused("DeleteDataQualityJobDefinition", { JobDefinitionName: "apart" }),
      /is used by monitoring schedule by-name/,
    );
    assert.match(
      await refusedAs({
        ...create,
        MonitoringScheduleName: "y",
        MonitoringScheduleConfig: { ...config, MonitoringType: "ModelQuality" },
      }),
      /Could not find job definition with name: apart/,
    );
    const list = async (filter: Members): Promise<string[]> =>
      (await test.call("ListMonitoringSchedules", filter)).MonitoringScheduleSummaries.map(
        (one: Members) => one.MonitoringScheduleName,
      );
    assert.deepEqual(await list({ EndpointName: "shop", MonitoringJobDefinitionName: "apart" }), ["by-name"]);
    assert.deepEqual(await list({ EndpointName: "blind" }), []);
    await test.call("DeleteMonitoringSchedule", named("by-name"));
    await test.call("DeleteDataQualityJobDefinition", { JobDefinitionName: "apart" });
    assert.deepEqual((await test.call("ListDataQualityJobDefinitions", {})).JobDefinitionSummaries, []);
  });

  it("keep their endpoint from being deleted", async () => {
    await test.call("CreateMonitoringSchedule", schedule("guard"));
    assert.match(await test.refused("DeleteEndpoint", { EndpointName: "shop" }), /monitoring schedule guard names/);
    await scheduled(test, "guard");
    await test.call("DeleteMonitoringSchedule", named("guard"));
  });

  it("let the bounds of their alert be changed", async () => {
    await test.call("CreateMonitoringSchedule", schedule("alerting"));
    const bounds = (DatapointsToAlert: number, EvaluationPeriod: number): Members => ({
      ...named("alerting"),
      MonitoringAlertName: "MonitoringAlert",
      DatapointsToAlert,
      EvaluationPeriod,
    });
    assert.match(await test.refused("UpdateMonitoringAlert", bounds(3, 2)), /less than or equal to EvaluationPeriod/);
    await test.call("UpdateMonitoringAlert", bounds(2, 3));
    const [alert] = (await test.call("ListMonitoringAlerts", named("alerting"))).MonitoringAlertSummaries;
    assert.deepEqual([alert.DatapointsToAlert, alert.EvaluationPeriod, alert.AlertStatus], [2, 3, "OK"]);
    await scheduled(test, "alerting");
    await test.call("DeleteMonitoringSchedule", named("alerting"));
  });

  it("require the right on the schedule with the job's keys, and to hand its role over", () => {
    const service = test.cloud.services.get("sagemaker")!;
    const requires = (operation: string, input: Members) =>
      requiresOf(service, operation)!(input, { operation } as never);
    const create = requires("CreateMonitoringSchedule", {
      ...schedule("x", {}, { NetworkConfig: { VpcConfig: { Subnets: ["subnet-1"], SecurityGroupIds: ["sg-1"] } } }),
      Tags: [{ Key: "team", Value: "drones" }],
    });
    const arn = test.cloud.arn("sagemaker", "monitoring-schedule/x");
    assert.deepEqual(
      create.map(({ action, resource }) => [action, resource]),
      [
        ["sagemaker:CreateMonitoringSchedule", arn],
        ["iam:PassRole", ROLE],
        ["sagemaker:AddTags", arn],
      ],
    );
    assert.deepEqual(create[0]!.context, {
      "aws:RequestTag/team": "drones",
      "aws:TagKeys": ["team"],
      "sagemaker:InstanceTypes": ["ml.m5.xlarge"],
      "sagemaker:NetworkIsolation": "false",
      "sagemaker:InterContainerTrafficEncryption": "false",
      "sagemaker:VpcSubnets": ["subnet-1"],
      "sagemaker:VpcSecurityGroupIds": ["sg-1"],
    });
    assert.deepEqual(
      requires("ListMonitoringExecutions", {}).map(({ resource }) => resource),
      ["*"],
    );
  });
});

function dataQuality(JobDefinitionName: string): Members {
  const definition = jobDefinition();
  return {
    JobDefinitionName,
    DataQualityAppSpecification: definition.MonitoringAppSpecification,
    DataQualityJobInput: definition.MonitoringInputs[0],
    DataQualityJobOutputConfig: definition.MonitoringOutputConfig,
    JobResources: definition.MonitoringResources,
    RoleArn: definition.RoleArn,
  };
}
