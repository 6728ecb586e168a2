import assert from "node:assert/strict";
import { startProvider, type RunningProvider } from "../../../local/provider/server";
import { administrator, memoryCloud } from "./memory-cloud";
import { Engine } from "./provider-client";

const token = "aws:ec2/vpcEndpoint:VpcEndpoint";
const service = (name: string) => `com.amazonaws.eu-central-1.${name}`;

describe("VPC endpoints of the Pulumi provider", () => {
  let provider: RunningProvider;
  let engine: Engine;
  let number = 0;
  before(async () => {
    provider = await startProvider(memoryCloud().cloud, { port: 0, principalFor: async () => administrator });
    engine = await Engine.configured(provider.port, { profile: "ab" });
  });
  after(async () => {
    engine?.close();
    await provider?.stop();
  });
  const make = (type: string, inputs: Record<string, unknown>) => engine.create(type, `r${++number}`, inputs as never);
  const network = async (names = true) => {
    const vpc = await make("aws:ec2/vpc:Vpc", { cidrBlock: "10.0.0.0/16", enableDnsHostnames: names });
    const subnet = (zone: string, third: number) =>
      make("aws:ec2/subnet:Subnet", {
        vpcId: vpc.id,
        cidrBlock: `10.0.${third}.0/24`,
        availabilityZone: `eu-central-1${zone}`,
      });
    const [a, other, b] = [await subnet("a", 0), await subnet("a", 1), await subnet("b", 2)];
    return { vpcId: vpc.id, a: a.id, other: other.id, b: b.id };
  };
  const refused = (inputs: Record<string, unknown>, words: RegExp) => assert.rejects(make(token, inputs), words);

  it("are refused for services that AWS does not offer", async () => {
    const { vpcId } = await network();
    await refused(
      { vpcId, vpcEndpointType: "Interface", serviceName: "aws.sagemaker.eu-central-1.tracking" },
      /creating EC2 VPC Endpoint .*api error InvalidServiceName: The Vpc Endpoint Service 'aws.sagemaker.eu-central-1.tracking' does not exist/,
    );
    await refused({ vpcId, vpcEndpointType: "Gateway", serviceName: service("logs") }, /InvalidServiceName/);
    for (const serviceName of [
      service("sagemaker.api"),
      "aws.sagemaker.eu-central-1.mlflow",
      "aws.sagemaker.eu-central-1.experiments",
      "aws.sagemaker.eu-central-1.studio",
    ])
      await make(token, { vpcId, vpcEndpointType: "Interface", serviceName });
  });

  it("stand in one subnet of each zone", async () => {
    const { vpcId, a, other, b } = await network();
    await refused(
      { vpcId, vpcEndpointType: "Interface", serviceName: service("sts"), subnetIds: [a, other] },
      /DuplicateSubnetsInSameZone: Found another VPC endpoint subnet in the availability zone of subnet-/,
    );
    await make(token, { vpcId, vpcEndpointType: "Interface", serviceName: service("sts"), subnetIds: [a, b] });
  });

  it("have a service's usual name once in a VPC, and only where the VPC gives names", async () => {
    const { vpcId } = await network();
    const kms = { vpcId, vpcEndpointType: "Interface", serviceName: service("kms"), privateDnsEnabled: true };
    await make(token, kms);
    await refused(
      kms,
      new RegExp(
        `private-dns-enabled cannot be set because there is already a conflicting DNS domain for kms.eu-central-1.amazonaws.com in the VPC ${vpcId}`,
      ),
    );
    const bare = await network(false);
    await refused(
      { ...kms, vpcId: bare.vpcId },
      /Enabling private DNS requires both enableDnsSupport and enableDnsHostnames/,
    );
  });

  it("are a gateway once in a route table", async () => {
    const { vpcId } = await network();
    const s3 = { vpcId, vpcEndpointType: "Gateway", serviceName: service("s3"), routeTableIds: ["rtb-1"] };
    await make(token, s3);
    await refused(s3, /RouteAlreadyExists: route table rtb-1 already has a route with destination-prefix-list-id pl-/);
  });
});
