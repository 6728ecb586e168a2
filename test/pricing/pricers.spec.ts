import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { unknownText } from "../../pricing/inputs";
import type { AssumptionName } from "../../pricing/assumptions";
import { freeTypes, whyFree } from "../../pricing/free";
import { pricers } from "../../pricing/pricers";
import { priceOf, resource } from "./recorded";

/** The price of one resource, which must have one. */
function usd(
  type: string,
  inputs: Readonly<Record<string, unknown>> = {},
  assume: Readonly<Partial<Record<AssumptionName, number>>> = {},
): number {
  const price = priceOf([resource(type, inputs)], assume);
  assert.deepEqual(price.problems, []);
  return Number(price.monthlyUsd.toFixed(4));
}

const alarm = "aws:cloudwatch/metricAlarm:MetricAlarm";
const trail = "aws:cloudtrail/trail:Trail";
const endpoint = "aws:ec2/vpcEndpoint:VpcEndpoint";
const space = "aws:sagemaker/space:Space";
const count = (type: string, number: number, inputs = {}) =>
  Array.from({ length: number }, (_, index) => resource(type, inputs, `${index}`));

describe("prices by type", () => {
  it("charge interface endpoints for each zone and GB, even while the subnets' ids are unknown, and gateway endpoints nothing", () => {
    assert.equal(
      usd(endpoint, { vpcEndpointType: "Interface", subnetIds: [unknownText, unknownText] }),
      Number((2 * 730 * 0.012 + 20 * 0.01).toFixed(4)),
    );
    assert.equal(usd(endpoint, { vpcEndpointType: "Gateway", routeTableIds: ["r"] }), 0);
    assert.equal(usd(endpoint, {}), 0);
  });

  it("charge NAT gateways, their addresses and flow logs", () => {
    assert.equal(usd("aws:ec2/natGateway:NatGateway"), Number((730 * 0.052 + 100 * 0.052).toFixed(4)));
    assert.equal(usd("aws:ec2/eip:Eip"), Number((730 * 0.005).toFixed(4)));
    assert.equal(usd("aws:ec2/flowLog:FlowLog"), Number((5 * 0.63).toFixed(4)));
    assert.equal(usd("aws:ec2/flowLog:FlowLog", { logDestinationType: "s3" }), Number((5 * 0.285).toFixed(4)));
  });

  it("charge alarms by metric and resolution", () => {
    assert.equal(usd(alarm, { period: 60 }), 0.1);
    assert.equal(usd(alarm, { period: 10 }), 0.3);
    assert.equal(
      usd(alarm, {
        metricQueries: [
          { id: "e", expression: "a/b" },
          { id: "a", metric: { period: 60 } },
          { id: "b", metric: { period: 60 } },
        ],
      }),
      0.2,
    );
    assert.equal(
      usd(alarm, {
        metricQueries: [
          { id: "e", expression: "ANOMALY_DETECTION_BAND(a)" },
          { id: "a", metric: { period: 300 } },
        ],
      }),
      0.3,
    );
    assert.equal(usd("aws:cloudwatch/compositeAlarm:CompositeAlarm"), 0.5);
  });

  it("count what is free up to a number: dashboards, budget actions, the first trail", () => {
    assert.equal(priceOf(count("aws:cloudwatch/dashboard:Dashboard", 3)).monthlyUsd, 0);
    assert.equal(priceOf(count("aws:cloudwatch/dashboard:Dashboard", 5)).monthlyUsd, 6);
    assert.equal(priceOf(count("aws:cloudwatch/dashboard:Dashboard", 2), { otherDashboards: 2 }).monthlyUsd, 3);
    assert.equal(priceOf(count("aws:budgets/budgetAction:BudgetAction", 2)).monthlyUsd, 0);
    assert(Math.abs(priceOf(count("aws:budgets/budgetAction:BudgetAction", 3)).monthlyUsd - (0.1 * 365) / 12) < 1e-9);
    assert.equal(priceOf(count(trail, 1)).monthlyUsd, 0);
    assert(Math.abs(priceOf(count(trail, 2)).monthlyUsd - 500_000 * 0.00002) < 1e-9);
  });

  it("charge trails for data events, in either form of selectors", () => {
    const dataEvents = 5_000_000 * 0.000001;
    assert.equal(
      usd(trail, { advancedEventSelectors: [{ fieldSelectors: [{ field: "eventCategory", equals: ["Data"] }] }] }),
      dataEvents,
    );
    assert.equal(
      usd(trail, {
        advancedEventSelectors: [{ fieldSelectors: [{ field: "eventCategory", equals: ["Management"] }] }],
      }),
      0,
    );
    const endpoints = [
      { field: "eventCategory", equals: ["Data"] },
      { field: "resources.type", equals: ["AWS::SageMaker::Endpoint"] },
    ];
    assert.equal(
      usd(trail, { advancedEventSelectors: [{ fieldSelectors: endpoints }] }),
      dataEvents + 1_000_000 * 0.000001,
    );
    assert.equal(
      usd(trail, { eventSelectors: [{ dataResources: [{ type: "AWS::S3::Object", values: ["arn"] }] }] }),
      dataEvents,
    );
  });

  it("charge logs for what comes in and for how long it stays", () => {
    const kept = (days: number) => usd("aws:cloudwatch/logGroup:LogGroup", { retentionInDays: days });
    assert(kept(400) > kept(14));
    assert.equal(usd("aws:cloudwatch/logGroup:LogGroup"), Number((0.63 + 0.15 * 12 * 0.0324).toFixed(4)));
  });

  it("charge Studio's spaces by hours, and apps only outside of spaces", () => {
    const jupyter = {
      spaceSettings: {
        jupyterLabAppSettings: { defaultResourceSpec: { instanceType: "ml.g4dn.xlarge" } },
        spaceStorageSettings: { ebsStorageSettings: { ebsVolumeSizeInGb: 20 } },
      },
    };
    assert.equal(usd(space, jupyter), Number((80 * 0.9212 + 20 * 0.1666).toFixed(4)));
    assert.equal(usd(space), Number((80 * 0.058 + 5 * 0.1666).toFixed(4)));
    assert.equal(
      usd("aws:sagemaker/app:App", { spaceName: "ada", resourceSpec: { instanceType: "ml.g4dn.xlarge" } }),
      0,
    );
    assert.equal(usd("aws:sagemaker/app:App", { userProfileName: "ada", resourceSpec: { instanceType: "system" } }), 0);
    assert.equal(usd("aws:sagemaker/app:App", { userProfileName: "ada" }), Number((80 * 0.058).toFixed(4)));
  });

  it("charge MLflow servers by the hour, and MLflow apps nothing", () => {
    assert.equal(
      usd("aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer", { trackingServerSize: "Small" }),
      Number((730 * 0.886).toFixed(4)),
    );
    assert.match(
      priceOf([resource("aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer", { trackingServerSize: "Large" })])
        .problems[0]!.reason,
      /sagemaker\.mlflow\.Large/,
    );
    assert.match(whyFree("aws:sagemaker/mlflowApp:MlflowApp")!, /no additional cost/);
  });

  it("charge monitors for their runs, from the schedule and the job definition", () => {
    const definition = resource("aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition", {
      name: unknownText,
      jobResources: { clusterConfig: { instanceType: "ml.m5.xlarge", instanceCount: 1, volumeSizeInGb: 0 } },
    });
    const schedule = resource("aws:sagemaker/monitoringSchedule:MonitoringSchedule", {
      monitoringScheduleConfig: {
        monitoringJobDefinitionName: unknownText,
        monitoringType: "DataQuality",
        scheduleConfig: { scheduleExpression: "cron(0 * ? * * *)" },
      },
    });
    const price = priceOf([definition, schedule]);
    assert.deepEqual(price.problems, []);
    assert(Math.abs(price.monthlyUsd - (730 * 0.25 * 0.2755 + 100 * 0.3)) < 1e-6);
  });

  it("charge schedules that start a processing job for the job", () => {
    const input = JSON.stringify({
      ProcessingResources: { ClusterConfig: { InstanceType: "ml.m5.xlarge", InstanceCount: 1, VolumeSizeInGB: 0 } },
    });
    const starting = {
      scheduleExpression: "rate(1 hour)",
      target: { arn: "arn:aws:scheduler:::aws-sdk:sagemaker:createProcessingJob", input },
    };
    assert.equal(
      usd("aws:scheduler/schedule:Schedule", starting),
      Number((730 * 0.25 * 0.2755 + 730 * 0.000001).toFixed(4)),
    );
    assert.equal(
      usd("aws:scheduler/schedule:Schedule", {
        scheduleExpression: "rate(1 hour)",
        target: { arn: "arn:aws:scheduler:::aws-sdk:sagemaker:deleteEndpoint", input: "{}" },
      }),
      Number((730 * 0.000001).toFixed(4)),
    );
  });

  it("charge pipelines as often as a schedule starts them, and schedules that are off nothing", () => {
    const definition = JSON.stringify({
      Parameters: [{ Name: "InstanceType", DefaultValue: "ml.m5.xlarge" }],
      Steps: [
        {
          Name: "Monitor",
          Type: "Processing",
          Arguments: {
            ProcessingResources: {
              ClusterConfig: { InstanceType: { Get: "Parameters.InstanceType" }, InstanceCount: 1 },
            },
          },
        },
      ],
    });
    const pipeline = (urn: string) => ({
      ...resource("aws:sagemaker/pipeline:Pipeline", { pipelineName: "watch", pipelineDefinition: definition }),
      urn,
    });
    const schedule = (arn: string, urn: string, state?: string) => ({
      ...resource("aws:scheduler/schedule:Schedule", { scheduleExpression: "rate(2 hours)", target: { arn }, state }),
      urn,
    });
    const beside = (type: string) => `urn:pulumi:dev::peregrine::peregrine:monitoring:Monitoring$${type}::x`;
    const arn = "arn:aws:sagemaker:eu-central-1:111122223333:pipeline/watch";
    const scheduled = 365 * 0.25 * 0.2755 + 365 * 0.000001 + (100 * 0.3) / 2;
    const usdOf = (...resources: ReturnType<typeof schedule>[]) => priceOf(resources).monthlyUsd;
    assert(Math.abs(usdOf(pipeline("a"), schedule(arn, "b")) - scheduled) < 1e-6);
    assert(
      Math.abs(usdOf(pipeline(beside("pipeline")), schedule(unknownText, beside("schedule"))) - scheduled) < 1e-6,
      "unknown, but beside it",
    );
    for (const other of [
      schedule(unknownText, "b"),
      schedule(arn, "b", "DISABLED"),
      schedule("arn:aws:lambda:x", beside("schedule")),
    ])
      assert(usdOf(pipeline(beside("pipeline")), other) < 1);
  });

  it("charge endpoints for the hours between the schedules that make and delete them", () => {
    const call = (operation: string, hour: number, input: string, state = "ENABLED") =>
      resource(
        "aws:scheduler/schedule:Schedule",
        {
          scheduleExpression: `cron(0 ${hour} ? * MON-FRI *)`,
          state,
          target: { arn: `arn:aws:scheduler:::aws-sdk:sagemaker:${operation}`, input },
        },
        operation,
      );
    const endpointAlone = [
      resource("aws:sagemaker/endpointConfiguration:EndpointConfiguration", {
        name: "live",
        productionVariants: [{ instanceType: "ml.g5.xlarge", initialInstanceCount: 1 }],
      }),
      resource("aws:sagemaker/endpoint:Endpoint", { name: "detector", endpointConfigName: "live" }),
    ];
    const hours = (...schedules: ReturnType<typeof call>[]) =>
      Math.round(priceOf([...endpointAlone, ...schedules], { requestsPerMonth: 0 }).monthlyUsd / 1.76);
    const [evening, morning] = [
      call("deleteEndpoint", 19, '{"EndpointName":"detector"}'),
      call("createEndpoint", 7, unknownText),
    ];
    assert.equal(hours(evening, morning), Math.round((12 * 365 * 5) / 7 / 12));
    assert.deepEqual(
      [
        hours(),
        hours(evening),
        hours(call("deleteEndpoint", 19, '{"EndpointName":"other"}'), morning),
        hours(call("deleteEndpoint", 19, "{}", "DISABLED"), morning),
      ],
      [730, 730, 730, 730],
    );
  });

  it("charge subscriptions by mail, functions by architecture, builds by machine, parameters by tier", () => {
    assert.equal(usd("aws:sns/topicSubscription:TopicSubscription", { protocol: "email" }), 0.02);
    assert.equal(usd("aws:sns/topicSubscription:TopicSubscription", { protocol: "sqs" }), 0);
    assert(
      usd("aws:lambda/function:Function", { memorySize: 1024 }) >
        usd("aws:lambda/function:Function", { memorySize: 1024, architectures: ["arm64"] }),
    );
    assert.equal(usd("aws:codebuild/project:Project", { environment: { computeType: "BUILD_GENERAL1_MEDIUM" } }), 2.4);
    assert.equal(usd("aws:ssm/parameter:Parameter", { type: "String" }), 0);
    assert.equal(usd("aws:ssm/parameter:Parameter", { tier: "Advanced" }), 0.05);
  });

  it("are for types that the provider has", () => {
    const places = [...Object.keys(freeTypes), ...Object.keys(pricers)].map(
      (type) => [type, type.endsWith("/") ? type.slice(4, -1) : `${type.split(":")[1]}.js`] as const,
    );
    assert.deepEqual(
      places
        .filter(([, place]) => !existsSync(join(__dirname, "../../node_modules/@pulumi/aws", place)))
        .map(([type]) => type),
      [],
    );
  });

  it("are for types that are not in the list of free ones, which gives reasons", () => {
    assert.deepEqual(
      Object.keys(pricers).filter((type) => whyFree(type) !== undefined),
      [],
    );
    assert(Object.values(freeTypes).every((reason) => reason.length > 10));
    assert.equal(whyFree("aws:iam/role:Role"), freeTypes["aws:iam/"]);
  });
});
