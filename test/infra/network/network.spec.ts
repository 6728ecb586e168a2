import assert from "node:assert/strict";
import { type Recorder, record } from "../../support/mocks";
import { runProgram } from "../../support/program";
import { programOf } from "../../support/programs";
import { datasetBucket } from "../../support/dataset";

const nat = { "peregrine:networkMode": "nat" };
const vpcs = (recorder: Recorder) => recorder.ofType("aws:ec2/vpc:Vpc");
const endpoints = (recorder: Recorder) => recorder.ofType("aws:ec2/vpcEndpoint:VpcEndpoint");
const egress = (recorder: Recorder) =>
  recorder.ofType("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule").map(({ inputs }) => inputs);
const definition = (recorder: Recorder) =>
  JSON.parse(
    recorder.ofType("aws:sagemaker/pipeline:Pipeline").find(({ name }) => name.endsWith("training-pipeline"))!.inputs[
      "pipelineDefinition"
    ],
  ) as { Steps: any[] };

describe("the network", () => {
  it("does not exist in mode default-vpc, and jobs and models name none", async () => {
    const recorder = await programOf("dev");
    assert.deepEqual(
      recorder.resources.filter(({ type }) => /^aws:(ec2|vpc)\//.test(type)),
      [],
    );
    assert.equal(recorder.one("aws:sagemaker/model:Model").inputs["vpcConfig"], undefined);
    assert.ok(definition(recorder).Steps.every((step) => !JSON.stringify(step).includes("VpcConfig")));
  });

  describe("in mode private", () => {
    it("has one private subnet in each zone, of the environment's own addresses, and no way to the internet", async () => {
      const recorder = await programOf("prod");
      assert.equal(vpcs(recorder)[0]!.inputs["cidrBlock"], "10.64.128.0/18");
      assert.equal(vpcs(recorder)[0]!.inputs["enableDnsHostnames"], true);
      const subnets = recorder
        .ofType("aws:ec2/subnet:Subnet")
        .map(({ inputs }) => [inputs["availabilityZone"], inputs["cidrBlock"], inputs["mapPublicIpOnLaunch"]]);
      assert.deepEqual(subnets, [
        ["eu-central-1a", "10.64.128.0/21", false],
        ["eu-central-1b", "10.64.136.0/21", false],
      ]);
      for (const type of ["internetGateway:InternetGateway", "natGateway:NatGateway", "route:Route", "eip:Eip"])
        assert.equal(recorder.ofType(`aws:ec2/${type}`).length, 0, type);
    });

    it("reaches S3 by the free gateway, and what jobs call by an endpoint with its usual name", async () => {
      const recorder = await programOf("prod");
      const [gateways, interfaces] = ["Gateway", "Interface"].map((kind) =>
        endpoints(recorder).filter(({ inputs }) => inputs["vpcEndpointType"] === kind),
      );
      assert.deepEqual(
        gateways!.map(({ inputs }) => inputs["serviceName"]),
        ["com.amazonaws.eu-central-1.s3"],
      );
      assert.equal(gateways![0]!.inputs["routeTableIds"].length, 1);
      assert.deepEqual(interfaces!.map(({ inputs }) => inputs["serviceName"]).sort(), [
        "aws.sagemaker.eu-central-1.mlflow",
        "com.amazonaws.eu-central-1.events",
        "com.amazonaws.eu-central-1.monitoring",
      ]);
      for (const { inputs } of interfaces!)
        assert.deepEqual(
          [inputs["privateDnsEnabled"], inputs["subnetIds"].length, inputs["securityGroupIds"].length],
          [true, 2, 1],
        );
    });

    it("lets out HTTPS to the endpoints and to S3, and nothing else", async () => {
      const rules = egress(await programOf("prod"));
      assert.equal(rules.length, 2);
      for (const rule of rules) {
        assert.deepEqual([rule["ipProtocol"], rule["fromPort"], rule["toPort"]], ["tcp", 443, 443]);
        assert.equal(rule["cidrIpv4"], undefined);
        assert.ok(rule["prefixListId"] ?? rule["referencedSecurityGroupId"]);
      }
    });

    it("closes the group that AWS makes with every VPC, and opens none inline", async () => {
      const recorder = await programOf("prod");
      const { ingress, egress: out } = recorder.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").inputs;
      assert.deepEqual([ingress, out], [[], []]);
      for (const { inputs } of recorder.ofType("aws:ec2/securityGroup:SecurityGroup"))
        assert.deepEqual([inputs["ingress"], inputs["egress"]], [undefined, undefined]);
    });

    it("leads to MLflow by the name of what tracks: apps and tracking servers have endpoints of their own", async () => {
      const trackers = async (changes = {}) =>
        endpoints(await programOf("prod", changes))
          .map(({ inputs }) => inputs)
          .filter(({ serviceName }) => /mlflow|experiments/.test(serviceName));
      const [app] = await trackers();
      const [server, ...others] = await trackers({ "peregrine:trackingMode": "tracking-server" });
      assert.deepEqual(
        [app!["serviceName"], server!["serviceName"], others],
        ["aws.sagemaker.eu-central-1.mlflow", "aws.sagemaker.eu-central-1.experiments", []],
      );
      const allows = ({ policy }: Record<string, any>) =>
        JSON.parse(policy).Statement.map(({ Action, Resource, Condition }: any) => [
          Action,
          Resource,
          Condition.StringEquals,
        ]);
      const own = { "aws:PrincipalAccount": "123456789012" };
      assert.deepEqual(allows(app!), [
        [["sagemaker:CallMlflowAppApi"], ["arn:aws:sagemaker:eu-central-1:123456789012:mlflow-app/*"], own],
      ]);
      assert.deepEqual(allows(server!), [
        [["sagemaker-mlflow:*"], ["arn:aws:sagemaker:eu-central-1:123456789012:mlflow-tracking-server/*"], own],
      ]);
    });

    it("has ways for people where there is Studio, for further services where they are named, and pays for no others", async () => {
      const names = async (changes: Record<string, string>) =>
        endpoints(await programOf("prod", changes))
          .filter(({ inputs }) => inputs["vpcEndpointType"] === "Interface")
          .map(({ inputs }) => String(inputs["serviceName"]).split(".").slice(3).join("."))
          .sort();
      assert.deepEqual(await names({ "peregrine:studio": "true" }), [
        "events",
        "kms",
        "logs",
        "mlflow",
        "monitoring",
        "sagemaker.api",
        "sagemaker.runtime",
        "sts",
        "studio",
      ]);
      assert.deepEqual(await names({ "peregrine:networkServices": '["ecr","monitoring"]' }), [
        "ecr.api",
        "ecr.dkr",
        "events",
        "mlflow",
        "monitoring",
      ]);
      const unwatched = { "peregrine:monitoringMode": "off" };
      assert.deepEqual(await names({ ...unwatched, "peregrine:networkServices": '["monitoring"]' }), [
        "mlflow",
        "monitoring",
      ]);
      assert.deepEqual(await names(unwatched), ["mlflow"]);
    });

    it("lets the endpoint to S3 reach our buckets, the dataset for reading, and no bucket of anybody else, whatever it is called", async () => {
      const recorder = await programOf("prod");
      const policy = JSON.parse(
        endpoints(recorder).find(({ inputs }) => inputs["vpcEndpointType"] === "Gateway")!.inputs["policy"],
      ) as { Statement: { Sid: string; Action: string[]; Resource: string[]; Condition?: object }[] };
      assert.deepEqual(
        policy.Statement.flatMap(({ Resource }) => Resource),
        [
          "arn:aws:s3:::peregrine-prod-*",
          "arn:aws:s3:::peregrine-prod-*/*",
          `arn:aws:s3:::${datasetBucket}`,
          `arn:aws:s3:::${datasetBucket}/*`,
        ],
      );
      assert.deepEqual(policy.Statement.find(({ Sid }) => Sid === "OwnBuckets")!.Condition, {
        StringEquals: { "aws:ResourceAccount": "123456789012" },
      });
      assert.ok(
        policy.Statement.find(({ Sid }) => Sid === "Dataset")!.Action.every((action) => /^s3:(Get|List)/.test(action)),
      );
    });

    it("lets the other endpoints be used by the account's own principals only, and on its own resources only", async () => {
      const policies = endpoints(await programOf("prod", { "peregrine:studio": "true" })).filter(
        ({ inputs }) => String(inputs["serviceName"]).startsWith("com.") && inputs["vpcEndpointType"] === "Interface",
      );
      assert.equal(policies.length, 7);
      for (const { inputs } of policies)
        assert.deepEqual(JSON.parse(inputs["policy"]).Statement[0].Condition, {
          StringEquals: { "aws:PrincipalAccount": "123456789012" },
          StringEqualsIfExists: { "aws:ResourceAccount": "123456789012" },
        });
    });

    it("logs its flows for as long as other logs, under the key", async () => {
      const recorder = await programOf("prod");
      const { trafficType, logDestination, iamRoleArn } = recorder.one("aws:ec2/flowLog:FlowLog").inputs;
      assert.deepEqual(
        [trafficType, /network-flow-log-group/.test(logDestination), /flow-logs/.test(iamRoleArn)],
        ["ALL", true, true],
      );
      const group = recorder.one("aws:cloudwatch/logGroup:LogGroup", "peregrine-prod-network-flow-log-group").inputs;
      assert.deepEqual(
        [group["name"], group["retentionInDays"], typeof group["kmsKeyId"]],
        ["/peregrine/prod/network", 400, "string"],
      );
    });

    it("takes in every job of the pipeline and every model, and isolates containers that need no network", async () => {
      const recorder = await programOf("prod");
      const steps = definition(recorder).Steps;
      const step = (name: string) => steps.find(({ Name }) => Name === name).Arguments;
      for (const name of ["ProfileData", "PrepareData", "EvaluateDetector"])
        assert.equal(step(name).NetworkConfig.VpcConfig.Subnets.length, 2, name);
      assert.deepEqual(
        ["ProfileData", "PrepareData", "EvaluateDetector"].map(
          (name) => step(name).NetworkConfig.EnableNetworkIsolation,
        ),
        [true, true, false],
      );
      assert.deepEqual(step("TrainDetector").VpcConfig, {
        SecurityGroupIds: ["peregrine-prod-network-workloads-id"],
        Subnets: ["peregrine-prod-network-private-a-id", "peregrine-prod-network-private-b-id"],
      });
      const model = recorder.one("aws:sagemaker/model:Model").inputs;
      assert.deepEqual(
        [
          model["vpcConfig"].subnets.length,
          model["vpcConfig"].securityGroupIds.length,
          model["enableNetworkIsolation"],
        ],
        [2, 1, true],
      );
    });

    it("has no flow logs, and no role for them, where they are off", async () => {
      const recorder = await programOf("prod", { "peregrine:flowLogs": "off" });
      assert.equal(recorder.ofType("aws:ec2/flowLog:FlowLog").length, 0);
      assert.deepEqual(
        recorder.ofType("aws:iam/role:Role").filter(({ name }) => name.includes("flow-logs")),
        [],
      );
    });
  });

  describe("in mode nat", () => {
    it("leads out through one gateway in a public subnet", async () => {
      const recorder = await programOf("staging", nat);
      assert.equal(recorder.ofType("aws:ec2/natGateway:NatGateway").length, 1);
      assert.deepEqual(
        recorder.ofType("aws:ec2/subnet:Subnet").map(({ inputs }) => inputs["cidrBlock"]),
        ["10.64.64.0/21", "10.64.72.0/21", "10.64.96.0/24"],
      );
      const routes = recorder
        .ofType("aws:ec2/route:Route")
        .map(({ inputs }) => [
          inputs["destinationCidrBlock"],
          Boolean(inputs["gatewayId"]),
          Boolean(inputs["natGatewayId"]),
        ]);
      assert.deepEqual(routes, [
        ["0.0.0.0/0", true, false],
        ["0.0.0.0/0", false, true],
      ]);
      assert.deepEqual(
        endpoints(recorder).map(({ inputs }) => inputs["vpcEndpointType"]),
        ["Gateway"],
      );
      assert.deepEqual(
        egress(recorder)
          .map((rule) => `${rule["toPort"]} to ${rule["cidrIpv4"] ?? rule["prefixListId"]}`)
          .sort(),
        ["443 to 0.0.0.0/0", "443 to pl-peregrine-staging-network-s3"],
      );
    });

    it("has a gateway and a route table in each zone when asked to", async () => {
      const recorder = await programOf("staging", {
        ...nat,
        "peregrine:natPerZone": "true",
        "peregrine:networkZones": "a,b,c",
      });
      assert.equal(recorder.ofType("aws:ec2/natGateway:NatGateway").length, 3);
      const associations = recorder
        .ofType("aws:ec2/routeTableAssociation:RouteTableAssociation")
        .filter(({ name }) => name.includes("-private-"));
      assert.equal(new Set(associations.map(({ inputs }) => inputs["routeTableId"])).size, 3);
    });
  });

  it("reads its settings with all problems at once", async () => {
    await record("prod");
    const wrong = {
      "peregrine:networkMode": "public",
      "peregrine:networkBlock": "10.64.1.0/16",
      "peregrine:networkZones": "a,a,z",
      "peregrine:flowLogs": "some",
    };
    await assert.rejects(runProgram("prod", wrong), (error: Error) => {
      for (const key of Object.keys(wrong)) assert.ok(error.message.includes(`- ${key}:`), `${key}\n${error.message}`);
      return true;
    });
    await record("prod");
    await assert.rejects(
      runProgram("prod", { "peregrine:networkZones": "b" }),
      /networkZones: names b alone; expected at least two/,
    );
  });
});
