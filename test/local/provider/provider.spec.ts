import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { ServiceError } from "@grpc/grpc-js";
import { AwsError } from "../../../local/errors";
import { ProviderFailure } from "../../../local/provider/failures";
import { startProvider, type RunningProvider } from "../../../local/provider/server";
import { archiveMark, assetMark, signature, unknown } from "../../../local/provider/values";
import { accountId, administrator, memoryCloud, type MemoryCloud } from "./memory-cloud";
import { Engine, initFailure } from "./provider-client";

const [role, bucket, model, config, endpoint, vpc] = [
  "aws:iam/role:Role",
  "aws:s3/bucket:Bucket",
  "aws:sagemaker/model:Model",
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
  "aws:sagemaker/endpoint:Endpoint",
  "aws:ec2/vpc:Vpc",
] as const;
const roleArn = `arn:aws:iam::${accountId}:role/exec`;
const modelInputs = {
  executionRoleArn: roleArn,
  primaryContainer: { image: `${accountId}.dkr.ecr.eu-central-1.amazonaws.com/x:1`, environment: { A: "1" } },
};

describe("the local cloud's Pulumi provider", () => {
  let memory: MemoryCloud;
  let provider: RunningProvider;
  let engine: Engine;

  before(async () => {
    memory = memoryCloud();
    provider = await startProvider(memory.cloud, {
      port: 0,
      principalFor: async (profile) => {
        if (profile === "nobody") throw new ProviderFailure("failed to get shared config profile, nobody");
        return administrator;
      },
    });
    engine = await Engine.configured(provider.port, {
      profile: "ab",
      defaultTags: { tags: { project: "peregrine", environment: "dev" } },
    });
  });
  after(async () => {
    engine.close();
    await provider.stop();
  });
  const sent = (name: string) => memory.calls.filter((call) => call.name === name).map((call) => call.input);

  describe("Configure", () => {
    it("fails in AWS's words for an unknown profile", async () => {
      await assert.rejects(
        Engine.configured(provider.port, { profile: "nobody" }),
        /failed to get shared config profile, nobody/,
      );
    });
    it("refuses an account that is not allowed", async () => {
      await assert.rejects(
        Engine.configured(provider.port, { allowedAccountIds: ["999999999999"] }),
        /AWS account ID not allowed: 111122223333/,
      );
    });
    it("keeps the default tags of two instances apart", async () => {
      const other = await Engine.configured(provider.port, { defaultTags: { tags: { environment: "prod" } } });
      const [dev, prod] = [await engine.check(bucket, "a", {}), await other.check(bucket, "a", {})];
      other.close();
      assert.deepEqual(dev.inputs.tags, { project: "peregrine", environment: "dev" });
      assert.deepEqual(prod.inputs.tags, { environment: "prod" });
    });
  });

  describe("Check", () => {
    it("makes the same name from the same seed and another from another", async () => {
      const names = await Promise.all(
        ["s1", "s1", "s2"].map(
          async (seed) => (await engine.check(model, "detector", modelInputs, {}, seed)).inputs.name,
        ),
      );
      assert.match(names[0], /^detector-[0-9a-f]{7}$/);
      assert.equal(names[0], names[1]);
      assert.notEqual(names[0], names[2]);
    });
    it("keeps a made-up name on the next run", async () => {
      const first = await engine.check(model, "detector", modelInputs, {}, "s1");
      assert.equal(
        (await engine.check(model, "detector", modelInputs, first.inputs, "s2")).inputs.name,
        first.inputs.name,
      );
    });
    it("refuses a logical name that leaves no room", async () => {
      const { failures } = await engine.check(role, "r".repeat(60), { assumeRolePolicy: "{}" });
      assert.deepEqual(
        failures.map(({ property }) => property),
        ["name"],
      );
      assert.match(failures[0]!.reason, /longer than maximum length 64/);
    });
    it("names missing and unexpected inputs", async () => {
      const { failures } = await engine.check(model, "m", { primaryContainers: {} });
      assert.deepEqual(failures.map(({ property }) => property).sort(), ["executionRoleArn", "primaryContainers"]);
    });
  });

  describe("a resource's life", () => {
    it("maps inputs to the members of the request and adds tags", async () => {
      const made = await engine.create(model, "m1", {
        ...modelInputs,
        tags: { owner: "ml" },
        vpcConfig: { subnets: ["subnet-1"], securityGroupIds: ["sg-1"] },
      });
      assert.deepEqual(sent("sagemaker:CreateModel").at(-1), {
        ModelName: made.id,
        ExecutionRoleArn: roleArn,
        PrimaryContainer: { Image: modelInputs.primaryContainer.image, Environment: { A: "1" } },
        VpcConfig: { Subnets: ["subnet-1"], SecurityGroupIds: ["sg-1"] },
        Tags: [
          { Key: "environment", Value: "dev" },
          { Key: "owner", Value: "ml" },
          { Key: "project", Value: "peregrine" },
        ],
      });
      assert.equal(made.properties.arn, `arn:aws:sagemaker:eu-central-1:${accountId}:model/${made.id}`);
      assert.deepEqual(made.properties.tagsAll, { project: "peregrine", environment: "dev", owner: "ml" });
    });

    it("lets the service model refuse a member that AWS does not know", async () => {
      await assert.rejects(
        engine.create(model, "m2", { ...modelInputs, primaryContainer: { image: "x", gpu: "yes" } }),
        /api error ValidationException: .*gpu/i,
      );
    });

    it("passes AWS's error on in Terraform's style", async () => {
      memory.on("sagemaker:CreateModelPackageGroup", () => {
        throw new AwsError("ConflictException", "Model Package Group already exists", 400);
      });
      await assert.rejects(
        engine.create("aws:sagemaker/modelPackageGroup:ModelPackageGroup", "g", { modelPackageGroupName: "taken" }),
        /creating SageMaker Model Package Group \(taken\): operation error SageMaker: CreateModelPackageGroup, https response error StatusCode: 400, RequestID: [0-9a-f-]+, api error ConflictException: Model Package Group already exists/,
      );
    });

    it("previews computed outputs as unknown and calls nothing", async () => {
      const before = memory.calls.length;
      const planned = await engine.create(endpoint, "e", { endpointConfigName: unknown }, true);
      assert.equal(planned.properties.arn, unknown);
      assert.equal(planned.properties.endpointConfigName, unknown);
      assert.equal(memory.calls.length, before);
    });

    it("sees no difference in what it made, and none after reading it back", async () => {
      const news = { assumeRolePolicy: JSON.stringify({ Version: "2012-10-17", Statement: [] }), description: "d" };
      const made = await engine.create(role, "r1", news);
      assert.deepEqual((await engine.diff(role, "r1", made, news)).paths, []);
      const read = await engine.read(role, "r1", made.id, made.inputs, made.properties);
      assert.deepEqual(read.inputs, made.inputs);
      assert.deepEqual((await engine.diff(role, "r1", read, news)).paths, []);
    });

    it("reads drift into inputs and plans to put it right", async () => {
      const news = { assumeRolePolicy: "{}", description: "ours" };
      const made = await engine.create(role, "r2", news);
      memory.things.get(`iam/role/${made.id}`)!.Description = "theirs";
      const read = await engine.read(role, "r2", made.id, made.inputs, made.properties);
      assert.equal(read.inputs.description, "theirs");
      assert.deepEqual((await engine.diff(role, "r2", read, news)).paths, ["description"]);
    });

    it("answers an empty id for what is gone, and deletes it without complaint", async () => {
      const made = await engine.create(role, "r3", { assumeRolePolicy: "{}" });
      memory.things.delete(`iam/role/${made.id}`);
      assert.equal((await engine.read(role, "r3", made.id, made.inputs, made.properties)).id, "");
      await engine.delete(role, "r3", made);
    });

    it("imports by id", async () => {
      const made = await engine.create(model, "m3", modelInputs);
      const read = await engine.read(model, "m3", made.id);
      assert.equal(read.id, made.id);
      assert.equal(read.inputs.executionRoleArn, roleArn);
      assert.deepEqual(read.inputs.primaryContainer, modelInputs.primaryContainer);
    });

    it("sends only what changed, and tags by their own operations", async () => {
      const news = { assumeRolePolicy: "{}", description: "one", tags: { a: "1", b: "2" } };
      const made = await engine.create(role, "r4", news);
      const calls = memory.calls.length;
      await engine.update(role, "r4", made, { ...news, description: "two", tags: { a: "1", c: "3" } });
      assert.deepEqual(
        memory.calls.slice(calls).map(({ name }) => name),
        ["iam:UpdateRole", "iam:UntagRole", "iam:TagRole"],
      );
      assert.deepEqual(sent("iam:UntagRole").at(-1), { RoleName: made.id, TagKeys: ["b"] });
      assert.deepEqual(sent("iam:TagRole").at(-1), { RoleName: made.id, Tags: [{ Key: "c", Value: "3" }] });
    });
  });

  describe("Diff", () => {
    it("replaces what AWS cannot change; a made-up name allows the new one first", async () => {
      const made = await engine.create(model, "m4", modelInputs);
      const found = await engine.diff(model, "m4", made, {
        ...modelInputs,
        primaryContainer: { ...modelInputs.primaryContainer, environment: { A: "2" } },
      });
      assert.deepEqual(found.paths, ["primaryContainer.environment.A"]);
      assert.deepEqual(found.replaces, ["primaryContainer"]);
      assert.equal(found.deleteBeforeReplace, false);
    });
    it("deletes first when the name is fixed", async () => {
      const made = await engine.create(model, "m5", { ...modelInputs, name: "fixed" });
      assert.equal(
        (await engine.diff(model, "m5", made, { ...modelInputs, name: "fixed", executionRoleArn: `${roleArn}2` }))
          .deleteBeforeReplace,
        true,
      );
    });
    it("takes JSON documents by their meaning", async () => {
      const made = await engine.create(role, "r5", { assumeRolePolicy: '{"Version":"2012-10-17","Statement":[]}' });
      assert.deepEqual(
        (await engine.diff(role, "r5", made, { assumeRolePolicy: '{ "Statement": [], "Version": "2012-10-17" }' }))
          .paths,
        [],
      );
    });
  });

  describe("an endpoint", () => {
    const at = (name: string) => `sagemaker/endpoint/${name}`;

    it("is created when it is InService, not before", async () => {
      let looks = 0;
      memory.on("sagemaker:DescribeEndpoint", ({ EndpointName }) => ({
        ...memory.things.get(at(EndpointName)),
        EndpointStatus: ++looks < 3 ? "Creating" : "InService",
      }));
      await engine.create(endpoint, "e1", { name: "e1", endpointConfigName: "c1" });
      assert.equal(looks, 3);
    });

    it("that fails is an error with AWS's reason, and stays in the state", async () => {
      memory.on("sagemaker:DescribeEndpoint", ({ EndpointName }) => ({
        ...memory.things.get(at(EndpointName)),
        EndpointStatus: "Failed",
        FailureReason: "The primary container did not pass the ping health check.",
      }));
      await assert.rejects(
        engine.create(endpoint, "e2", { name: "e2", endpointConfigName: "c1" }),
        (error: ServiceError) => {
          assert.match(
            error.details,
            /unexpected state 'Failed', wanted target 'InService'. last error: The primary container did not pass/,
          );
          assert.equal(initFailure(error)?.id, "e2");
          return true;
        },
      );
    });

    it("that silently went back to its old configuration counts as updated, as with the real provider", async () => {
      memory.on("sagemaker:DescribeEndpoint", ({ EndpointName }) => ({
        ...memory.things.get(at(EndpointName)),
        EndpointStatus: "InService",
        EndpointConfigName: "old",
      }));
      const made = await engine.create(endpoint, "e3", { name: "e3", endpointConfigName: "old" });
      const deploymentConfig = {
        autoRollbackConfiguration: { alarms: [{ alarmName: "errors" }] },
        blueGreenUpdatePolicy: {
          trafficRoutingConfiguration: {
            type: "CANARY",
            waitIntervalInSeconds: 60,
            canarySize: { type: "CAPACITY_PERCENT", value: 10 },
          },
        },
      };
      const updated = await engine.update(endpoint, "e3", made, {
        name: "e3",
        endpointConfigName: "new",
        deploymentConfig,
      });
      assert.deepEqual(sent("sagemaker:UpdateEndpoint").at(-1), {
        EndpointName: "e3",
        EndpointConfigName: "new",
        DeploymentConfig: {
          AutoRollbackConfiguration: { Alarms: [{ AlarmName: "errors" }] },
          BlueGreenUpdatePolicy: {
            TrafficRoutingConfiguration: {
              Type: "CANARY",
              WaitIntervalInSeconds: 60,
              CanarySize: { Type: "CAPACITY_PERCENT", Value: 10 },
            },
          },
        },
      });
      assert.equal(updated.properties.endpointConfigName, "old");
      assert.deepEqual(
        (await engine.diff(endpoint, "e3", updated, { name: "e3", endpointConfigName: "new", deploymentConfig })).paths,
        ["endpointConfigName"],
      );
    });

    it("stops waiting when the engine cancels", async () => {
      const own = await Engine.configured(provider.port);
      memory.on("sagemaker:DescribeEndpoint", () => ({ EndpointStatus: "Creating" }));
      const waiting = own.create(endpoint, "e4", { name: "e4", endpointConfigName: "c1" });
      const refused = assert.rejects(waiting, /cancelled/);
      await delay(100);
      await own.cancel();
      await refused;
      own.close();
    });
  });

  it("packs a function's archive into the same ZIP every time", async () => {
    const code = {
      [signature]: archiveMark,
      hash: "h1",
      assets: {
        "index.js": { [signature]: assetMark, hash: "h2", text: "exports.handler = 1" },
        "a.json": { [signature]: assetMark, hash: "h3", text: "{}" },
      },
    };
    for (const name of ["f1", "f2"])
      await engine.create("aws:lambda/function:Function", name, {
        name,
        role: roleArn,
        runtime: "nodejs20.x",
        handler: "index.handler",
        code,
        environment: { variables: { MODE: "1" } },
      });
    const [first, second] = sent("lambda:CreateFunction").map(({ Code }) => Code.ZipFile as Buffer);
    assert.equal(first!.subarray(0, 2).toString(), "PK");
    assert.ok(first!.equals(second!));
    assert.deepEqual(sent("lambda:CreateFunction")[0]!.Environment, { Variables: { MODE: "1" } });
  });

  it("replaces code that somebody else has put there, where the program names the digest of its own", async () => {
    const token = "aws:lambda/function:Function";
    const running = (CodeSha256: string) =>
      memory.on("lambda:GetFunction", () => ({ Configuration: { FunctionName: "f3", CodeSha256, State: "Active" } }));
    running("ours");
    const news = {
      name: "f3",
      role: roleArn,
      runtime: "nodejs22.x",
      handler: "index.handler",
      codeSha256: "ours",
      code: {
        [signature]: archiveMark,
        hash: "h4",
        assets: { "index.js": { [signature]: assetMark, hash: "h5", text: "exports.handler = 3" } },
      },
    };
    const made = await engine.create(token, "f3", news);
    assert.deepEqual((await engine.diff(token, "f3", made, news)).paths, []);
    running("theirs");
    const read = await engine.read(token, "f3", made.id, made.inputs, made.properties);
    assert.deepEqual((await engine.diff(token, "f3", read, news)).paths, ["codeSha256"]);
  });

  it("turns maps into lists of names and values, and settings into attributes", async () => {
    await engine.create("aws:cloudwatch/metricAlarm:MetricAlarm", "a", {
      comparisonOperator: "GreaterThanThreshold",
      evaluationPeriods: 1,
      metricName: "Errors",
      namespace: "N",
      period: 60,
      statistic: "Sum",
      threshold: 1,
      dimensions: { EndpointName: "e" },
    });
    assert.deepEqual(sent("cloudwatch:PutMetricAlarm").at(-1)!.Dimensions, [{ Name: "EndpointName", Value: "e" }]);
    await engine.create("aws:sqs/queue:Queue", "q", { visibilityTimeoutSeconds: 30, fifoQueue: true });
    const made = sent("sqs:CreateQueue").at(-1)!;
    assert.match(made.QueueName, /^q-[0-9a-f]{7}\.fifo$/);
    assert.deepEqual(made.Attributes, { FifoQueue: "true", VisibilityTimeout: "30" });
    assert.deepEqual(made.tags, { project: "peregrine", environment: "dev" });
  });

  it("keeps types without behaviour as records that the inventory lists until they are deleted", async () => {
    const made = await engine.create(vpc, "net", { cidrBlock: "10.0.0.0/16" });
    assert.match(made.id, /^vpc-[0-9a-f]{17}$/);
    assert.ok((await memory.cloud.inventory()).some(({ arn }) => arn === made.properties.arn));
    assert.equal(
      (await engine.read(vpc, "net", made.id, made.inputs, made.properties)).properties.cidrBlock,
      "10.0.0.0/16",
    );
    await engine.delete(vpc, "net", made);
    assert.deepEqual(
      (await memory.cloud.inventory()).filter(({ arn }) => arn === made.properties.arn),
      [],
    );
  });

  it("keeps records with the ids, ARNs and outputs that AWS makes", async () => {
    const endpointType = "aws:ec2/vpcEndpoint:VpcEndpoint";
    const made: (readonly [token: string, resource: Awaited<ReturnType<typeof engine.create>>])[] = [];
    const create = async (token: string, inputs: Record<string, any>) => {
      const resource = await engine.create(token, `kept${made.length}`, inputs);
      made.push([token, resource]);
      return resource;
    };
    const network = await create(vpc, { cidrBlock: "10.0.0.0/16" });
    assert.match(String(network.properties.defaultSecurityGroupId), /^sg-[0-9a-f]{17}$/);
    const closed = await create("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", { vpcId: network.id });
    assert.deepEqual(
      [closed.id, closed.properties.arn],
      [network.properties.defaultSecurityGroupId, `arn:aws:ec2:eu-central-1:${accountId}:security-group/${closed.id}`],
    );

    const gateway = await create(endpointType, {
      vpcId: network.id,
      vpcEndpointType: "Gateway",
      serviceName: "com.amazonaws.eu-central-1.s3",
    });
    assert.match(String(gateway.properties.prefixListId), /^pl-/);
    const sts = await create(endpointType, {
      vpcId: network.id,
      vpcEndpointType: "Interface",
      serviceName: "com.amazonaws.eu-central-1.sts",
      subnetIds: ["subnet-1", "subnet-2"],
    });
    assert.deepEqual(
      [
        (sts.properties.networkInterfaceIds as string[]).length,
        (sts.properties.dnsEntries as { dnsName: string }[])[1]!.dnsName,
      ],
      [2, "sts.eu-central-1.amazonaws.com"],
    );

    const budget = await create("aws:budgets/budget:Budget", {
      name: "monthly",
      budgetType: "COST",
      timeUnit: "MONTHLY",
      limitAmount: "100",
      limitUnit: "USD",
    });
    assert.deepEqual(
      [budget.id, budget.properties.arn],
      [`${accountId}:monthly`, `arn:aws:budgets::${accountId}:budget/monthly`],
    );
    const stop = {
      budgetName: "monthly",
      actionType: "APPLY_IAM_POLICY",
      approvalModel: "MANUAL",
      notificationType: "ACTUAL",
      actionThreshold: {},
      definition: {},
      executionRoleArn: "r",
      subscribers: [],
    };
    const action = await create("aws:budgets/budgetAction:BudgetAction", stop);
    assert.equal(
      action.properties.arn,
      `arn:aws:budgets::${accountId}:budget/monthly/action/${String(action.properties.actionId)}`,
    );
    const monitor = await create("aws:costexplorer/anomalyMonitor:AnomalyMonitor", {
      monitorType: "DIMENSIONAL",
      monitorDimension: "SERVICE",
    });
    assert.equal(monitor.id, monitor.properties.arn);
    for (const [token, resource] of made.reverse()) await engine.delete(token, "kept", resource);
    assert.deepEqual(
      (await memory.cloud.inventory()).filter(({ arn }) => made.some(([, { properties }]) => properties.arn === arn)),
      [],
    );
  });

  it("refuses to delete a network in which something is left, as EC2 does", async () => {
    const network = await engine.create(vpc, "net2", { cidrBlock: "10.0.0.0/16" });
    const subnet = await engine.create("aws:ec2/subnet:Subnet", "subnet", {
      vpcId: network.id,
      cidrBlock: "10.0.1.0/24",
    });
    await assert.rejects(
      engine.delete(vpc, "net2", network),
      new RegExp(
        `DependencyViolation: The vpc '${network.id}' has dependencies and cannot be deleted. \\(${subnet.id}\\)`,
      ),
    );
    await engine.delete("aws:ec2/subnet:Subnet", "subnet", subnet);
    await engine.delete(vpc, "net2", network);
  });

  it("answers the SDK's functions as the configured principal", async () => {
    assert.deepEqual(await engine.invoke("aws:index/getCallerIdentity:getCallerIdentity"), {
      id: accountId,
      accountId,
      arn: administrator.arn,
      userId: administrator.id,
    });
    assert.deepEqual(
      (await engine.invoke("aws:ssm/getParametersByPath:getParametersByPath", { path: "/peregrine/dev/" })).names,
      [],
    );
    await assert.rejects(
      engine.invoke("aws:ssm/getParameter:getParameter", { name: "/none" }),
      /reading SSM Parameter \(\/none\): operation error SSM: GetParameter, .*ParameterNotFound/,
    );
  });

  it("makes a hundred resources in a few seconds of the processor", async () => {
    const started = process.cpuUsage();
    await Promise.all(
      Array.from({ length: 100 }, (_item, index) =>
        engine.create(config, `c${index}`, {
          productionVariants: [
            { variantName: "champion", modelName: "m", instanceType: "ml.g5.xlarge", initialInstanceCount: 1 },
          ],
        }),
      ),
    );
    const { user, system } = process.cpuUsage(started);
    assert.ok((user + system) / 1e6 < 5, `${(user + system) / 1e6} s`);
  });
});
