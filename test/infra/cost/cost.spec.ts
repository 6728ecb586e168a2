import assert from "node:assert/strict";
import { onWorkdays } from "../../../infra/cost/nights";
import { stopLaunches } from "../../../infra/identity/documents/spending";
import { record } from "../../support/mocks";
import { runProgram } from "../../support/program";
import { programOf } from "../../support/programs";

describe("the budget", () => {
  it("counts what carries the environment's tags, and tells people at 50, 80 and 100 per cent and when the month is forecast to spend all", async () => {
    const { inputs } = (await programOf("prod")).one("aws:budgets/budget:Budget");
    assert.deepEqual(
      [inputs["limitAmount"], inputs["limitUnit"], inputs["timeUnit"], inputs["budgetType"]],
      ["4000", "USD", "MONTHLY", "COST"],
    );
    assert.deepEqual(
      inputs["filterExpression"].ands.map(({ tags }: any) => `${tags.key}=${tags.values.join()}`),
      ["project=peregrine", "environment=prod"],
    );
    assert.deepEqual(
      inputs["notifications"].map((one: any) => `${one.notificationType} ${one.threshold}`),
      ["ACTUAL 50", "ACTUAL 80", "ACTUAL 100", "FORECASTED 100"],
    );
    for (const { subscriberSnsTopicArns } of inputs["notifications"])
      assert.match(subscriberSnsTopicArns[0], /alerts-warning/);
  });

  it("stops new launches by itself in dev, after somebody's approval in prod", async () => {
    const models = [];
    for (const stack of ["dev", "prod"]) {
      const { inputs } = (await programOf(stack)).one("aws:budgets/budgetAction:BudgetAction");
      models.push(inputs["approvalModel"]);
      assert.deepEqual(
        [inputs["notificationType"], inputs["actionThreshold"]],
        ["ACTUAL", { actionThresholdType: "PERCENTAGE", actionThresholdValue: 100 }],
      );
      const { policyArn, roles } = inputs["definition"].iamActionDefinition;
      assert.match(policyArn, /launch-stop-policy$/);
      const people =
        stack === "dev"
          ? ["data-scientist", "deployer", "ml-engineer", "retraining", "studio-data-scientist", "studio-ml-engineer"]
          : ["deployer", "ml-engineer", "studio-ml-engineer"];
      assert.deepEqual(
        [...roles].sort(),
        [...people, "pipeline-execution"].map((role) => `peregrine-${stack}-${role}`).sort(),
      );
    }
    assert.deepEqual(models, ["AUTOMATIC", "MANUAL"]);
  });

  it("lets endpoints be updated and things be stopped when it is spent: a rollback is an update", () => {
    const [statement] = stopLaunches();
    assert.equal(statement!.Effect, "Deny");
    assert.ok(
      statement!.Action.includes("sagemaker:CreateTrainingJob") &&
        statement!.Action.includes("sagemaker:StartPipelineExecution"),
    );
    assert.deepEqual(
      statement!.Action.filter((action) =>
        /:(Update|Stop|Delete|Describe|List|Invoke|CreateModel|CreateEndpointConfig)/.test(action),
      ),
      [],
    );
  });

  it("gives the role that stops them one thing to do, on the launching roles, and a boundary that says the same", async () => {
    const recorder = await programOf("dev");
    const texts = [
      recorder.one("aws:iam/rolePolicy:RolePolicy", "peregrine-dev-foundation-budget-action-duties"),
      recorder.one("aws:iam/policy:Policy", "peregrine-dev-foundation-budget-boundary"),
    ].map(({ inputs }) => inputs["policy"] as string);
    assert.equal(texts[0], texts[1]);
    const [statement, ...others] = JSON.parse(texts[0]!).Statement;
    assert.deepEqual(others, []);
    assert.deepEqual(statement.Action, ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]);
    assert.deepEqual(statement.Condition, {
      ArnEquals: { "iam:PolicyARN": "arn:aws:iam::123456789012:policy/peregrine/dev/peregrine-dev-stop-launches" },
    });
    assert.equal(
      recorder.one("aws:iam/policy:Policy", "peregrine-dev-launch-stop-policy").inputs["name"],
      "peregrine-dev-stop-launches",
    );
    for (const { inputs } of recorder.ofType("aws:iam/role:Role"))
      assert.equal(inputs["forceDetachPolicies"], true, "what was attached from outside must not hold up a destroy");
  });

  it("only alerts where nothing is to be stopped", async () => {
    const recorder = await programOf("staging", { "peregrine:budgetStop": "off" });
    assert.equal(recorder.ofType("aws:budgets/budgetAction:BudgetAction").length, 0);
    assert.deepEqual(
      recorder.resources.filter(({ name }) => /budget-action|launch-stop/.test(name)),
      [],
    );
    assert.ok(recorder.one("aws:budgets/budget:Budget"));
  });
});

describe("anomalies", () => {
  it("are looked for by service in prod, and told at once, which is the only way to a topic", async () => {
    const recorder = await programOf("prod");
    assert.deepEqual(
      [
        recorder.one("aws:costexplorer/anomalyMonitor:AnomalyMonitor").inputs["monitorType"],
        recorder.one("aws:costexplorer/anomalyMonitor:AnomalyMonitor").inputs["monitorDimension"],
      ],
      ["DIMENSIONAL", "SERVICE"],
    );
    const { frequency, subscribers, thresholdExpression } = recorder.one(
      "aws:costexplorer/anomalySubscription:AnomalySubscription",
    ).inputs;
    assert.deepEqual(
      [frequency, subscribers[0].type, thresholdExpression.dimension.values],
      ["IMMEDIATE", "SNS", ["10"]],
    );
    assert.equal((await programOf("dev")).ofType("aws:costexplorer/anomalyMonitor:AnomalyMonitor").length, 0);
  });

  it("can be looked for by the environment's tag", async () => {
    const { monitorType, monitorSpecification } = (
      await programOf("staging", { "peregrine:anomalyMonitor": "environment" })
    ).one("aws:costexplorer/anomalyMonitor:AnomalyMonitor").inputs;
    assert.deepEqual(
      [monitorType, JSON.parse(monitorSpecification)],
      ["CUSTOM", { Tags: { Key: "environment", Values: ["staging"], MatchOptions: ["EQUALS"] } }],
    );
  });

  it("hang on tags that are activated where the setting says so", async () => {
    const recorder = await programOf("staging", { "peregrine:activateCostTags": "true" });
    assert.deepEqual(
      recorder
        .ofType("aws:costexplorer/costAllocationTag:CostAllocationTag")
        .map(({ inputs }) => inputs["tagKey"])
        .sort(),
      ["cost-center", "environment", "managed-by", "owner", "project"],
    );
  });
});

/** What the schedules of the nights are made with. */
const nightsOf = (recorder: Awaited<ReturnType<typeof programOf>>) =>
  recorder
    .ofType("aws:scheduler/schedule:Schedule")
    .filter(({ name }) => name.includes("-nights-"))
    .map(({ inputs }) => inputs);

describe("nights", () => {
  it("close dev's endpoint in the evening and make it again in the morning from the configuration that was live", async () => {
    const recorder = await programOf("dev");
    const schedules = nightsOf(recorder);
    assert.deepEqual(
      schedules.map((one) => [one["scheduleExpression"], one["scheduleExpressionTimezone"], one["target"].arn]),
      [
        ["cron(0 19 ? * MON-FRI *)", "Europe/Berlin", "arn:aws:scheduler:::aws-sdk:sagemaker:deleteEndpoint"],
        ["cron(0 7 ? * MON-FRI *)", "Europe/Berlin", "arn:aws:scheduler:::aws-sdk:sagemaker:createEndpoint"],
      ],
    );
    const morning = JSON.parse(schedules[1]!["target"].input) as {
      EndpointName: string;
      EndpointConfigName: string;
      Tags: unknown[];
    };
    const endpoint = recorder.one("aws:sagemaker/endpoint:Endpoint").inputs;
    assert.deepEqual(
      [morning.EndpointName, morning.EndpointConfigName, morning.Tags.length],
      [endpoint["name"], endpoint["endpointConfigName"], 5],
    );
    // SageMaker asks whoever deletes a scaled endpoint for the right to deregister it, and the morning's call registers
    // nothing.
    assert.deepEqual(recorder.ofType("aws:appautoscaling/target:Target"), []);
    for (const one of schedules) assert.ok(one["target"].deadLetterConfig.arn && one["target"].roleArn);
  });

  it("scale in an endpoint that scales, and let it grow again", async () => {
    const recorder = await programOf("prod", { "peregrine:nights": "scale-in", "peregrine:officeFrom": "06:30" });
    const actions = recorder
      .ofType("aws:appautoscaling/scheduledAction:ScheduledAction")
      .map(({ inputs }) => [inputs["schedule"], inputs["scalableTargetAction"]]);
    assert.deepEqual(actions, [
      ["cron(0 19 ? * MON-FRI *)", { minCapacity: 1, maxCapacity: 1 }],
      ["cron(30 6 ? * MON-FRI *)", { minCapacity: 2, maxCapacity: 6 }],
    ]);
    assert.equal(nightsOf(recorder).length, 0);
  });

  it("are like days in prod", async () => {
    const recorder = await programOf("prod");
    assert.deepEqual(
      recorder.resources.filter(({ name }) => name.includes("nights")),
      [],
    );
  });

  it("are written as both services write them", () => {
    assert.equal(onWorkdays("07:05"), "cron(5 7 ? * MON-FRI *)");
  });

  it("refuse to close an endpoint that scales, to scale in one that does not, and hours that end before they begin", async () => {
    const refusals = [
      ["prod", { "peregrine:nights": "off" }, /nights: is off, but the endpoint scales up to 6/],
      ["dev", { "peregrine:nights": "scale-in" }, /nights: is scale-in, but the endpoint has a single instance/],
      ["dev", { "peregrine:officeFrom": "19:00", "peregrine:officeTo": "07:00" }, /officeTo: is 07:00, not after/],
      ["dev", { "peregrine:officeFrom": "7", "peregrine:monthlyBudgetUsd": "0" }, /2 problems/],
    ] as const;
    for (const [stack, changes, message] of refusals) {
      await record(stack);
      await assert.rejects(runProgram(stack, changes), message);
    }
  });
});
