import assert from "node:assert/strict";
import { wayTo } from "../../../local/network/reach";
import { type NetworkRecord, readTopology } from "../../../local/network/topology";

const logs = "com.amazonaws.eu-central-1.logs";
const s3 = "com.amazonaws.eu-central-1.s3";
const from = { subnetIds: ["subnet-a"], securityGroupIds: ["sg-jobs"] };
const record = (kind: string, id: string, properties: Record<string, unknown> = {}): NetworkRecord => ({
  type: `aws:ec2/x:${kind}`,
  id,
  properties,
});

/** A VPC with two private subnets behind one route table, and groups that let nothing pass. */
const bare = [
  record("Vpc", "vpc-1", {
    enableDnsSupport: true,
    enableDnsHostnames: true,
    mainRouteTableId: "rtb-main",
    defaultSecurityGroupId: "sg-default",
  }),
  record("Subnet", "subnet-a", { vpcId: "vpc-1", cidrBlock: "10.0.0.0/24" }),
  record("Subnet", "subnet-b", { vpcId: "vpc-1", cidrBlock: "10.0.1.0/24" }),
  record("RouteTable", "rtb-private"),
  record("RouteTableAssociation", "assoc-a", { subnetId: "subnet-a", routeTableId: "rtb-private" }),
  record("RouteTableAssociation", "assoc-b", { subnetId: "subnet-b", routeTableId: "rtb-private" }),
  record("SecurityGroup", "sg-jobs", { vpcId: "vpc-1" }),
  record("SecurityGroup", "sg-endpoints", { vpcId: "vpc-1" }),
];
const out = (to: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  record("SecurityGroupEgressRule", `out-${JSON.stringify(to)}`, {
    securityGroupId: "sg-jobs",
    ipProtocol: "tcp",
    fromPort: 443,
    toPort: 443,
    ...to,
    ...more,
  });
const inside = (more: Record<string, unknown> = {}) =>
  record("SecurityGroupIngressRule", "in", {
    securityGroupId: "sg-endpoints",
    ipProtocol: "tcp",
    fromPort: 443,
    toPort: 443,
    cidrIpv4: "10.0.0.0/16",
    ...more,
  });
const endpoint = (more: Record<string, unknown> = {}) =>
  record("VpcEndpoint", "vpce-logs", {
    vpcId: "vpc-1",
    vpcEndpointType: "Interface",
    serviceName: logs,
    privateDnsEnabled: true,
    subnetIds: ["subnet-b"],
    securityGroupIds: ["sg-endpoints"],
    ...more,
  });
const gateway = (more: Record<string, unknown> = {}) =>
  record("VpcEndpoint", "vpce-s3", {
    vpcId: "vpc-1",
    vpcEndpointType: "Gateway",
    serviceName: s3,
    routeTableIds: ["rtb-private"],
    prefixListId: "pl-s3",
    ...more,
  });
const natRoute = [
  record("Subnet", "subnet-public", { vpcId: "vpc-1", cidrBlock: "10.0.9.0/24" }),
  record("Route", "public", { routeTableId: "rtb-main", destinationCidrBlock: "0.0.0.0/0", gatewayId: "igw-1" }),
  record("NatGateway", "nat-1", { subnetId: "subnet-public" }),
  record("Route", "private", { routeTableId: "rtb-private", destinationCidrBlock: "0.0.0.0/0", natGatewayId: "nat-1" }),
];
const way = (service: string, ...more: NetworkRecord[]) => {
  const found = wayTo(readTopology([...bare, ...more]), from, service);
  return found.kind === "endpoint" ? found.endpoint.id : found.kind === "none" ? found.reason : found.kind;
};

describe("the way from a place in a VPC to a service", () => {
  it("is an interface endpoint with private DNS, where the groups let HTTPS pass on both sides", () => {
    assert.equal(way(logs, endpoint(), inside(), out({ referencedSecurityGroupId: "sg-endpoints" })), "vpce-logs");
    assert.equal(
      way(
        logs,
        endpoint(),
        inside({ cidrIpv4: undefined, referencedSecurityGroupId: "sg-jobs" }),
        out({ cidrIpv4: "10.0.1.0/24" }),
      ),
      "vpce-logs",
    );
    assert.match(way(logs, endpoint(), inside()), /sg-jobs let no HTTPS out to the endpoint vpce-logs/);
    assert.match(
      way(logs, endpoint(), out({ referencedSecurityGroupId: "sg-endpoints" })),
      /endpoint vpce-logs .* let no HTTPS in from sg-jobs/,
    );
    assert.match(
      way(logs, endpoint(), inside({ cidrIpv4: "10.0.1.0/24" }), out({ cidrIpv4: "10.0.0.0/16" })),
      /let no HTTPS in/,
    );
    assert.match(
      way(logs, endpoint(), inside(), out({ cidrIpv4: "10.0.0.0/16" }, { fromPort: 80, toPort: 80 })),
      /let no HTTPS out/,
    );
    assert.match(
      way(logs, endpoint(), inside(), out({ cidrIpv4: "10.0.0.0/16" }, { ipProtocol: "udp" })),
      /let no HTTPS out/,
    );
  });

  it("is none where the endpoint is of another VPC, of another service, without private DNS, or in a VPC without DNS names", () => {
    const open = [inside(), out({ cidrIpv4: "10.0.0.0/16" })];
    assert.match(
      way(logs, ...open),
      /^subnet-a has no endpoint for com.amazonaws.eu-central-1.logs, and no way to the internet$/,
    );
    assert.match(way(logs, endpoint({ vpcId: "vpc-2" }), ...open), /has no endpoint/);
    assert.match(way(logs, endpoint({ serviceName: "com.amazonaws.eu-central-1.kms" }), ...open), /has no endpoint/);
    assert.match(way(logs, endpoint({ privateDnsEnabled: false }), ...open), /that its names or routes lead to/);
    assert.match(
      way(logs, endpoint(), ...open, record("Vpc", "vpc-1", { enableDnsSupport: true })),
      /that its names or routes lead to/,
    );
  });

  it("is a gateway endpoint in the route table of the subnet, where the group lets HTTPS out to its prefix list", () => {
    assert.equal(way(s3, gateway(), out({ prefixListId: "pl-s3" })), "vpce-s3");
    assert.equal(
      way(
        s3,
        gateway({ routeTableIds: [] }),
        out({ prefixListId: "pl-s3" }),
        record("VpcEndpointRouteTableAssociation", "x", { vpcEndpointId: "vpce-s3", routeTableId: "rtb-private" }),
      ),
      "vpce-s3",
    );
    assert.match(
      way(s3, gateway({ routeTableIds: ["rtb-main"] }), out({ prefixListId: "pl-s3" })),
      /that its names or routes lead to/,
    );
    assert.match(way(s3, gateway()), /let no HTTPS out to com.amazonaws.eu-central-1.s3/);
  });

  it("is the internet through a NAT gateway that has a way out itself", () => {
    const open = out({ cidrIpv4: "0.0.0.0/0" });
    assert.equal(way(logs, ...natRoute, open), "internet");
    assert.match(way(logs, ...natRoute), /let no HTTPS out to the internet/);
    for (const missing of natRoute)
      assert.match(way(logs, ...natRoute.filter((one) => one !== missing), open), /no way to the internet/, missing.id);
    // Interfaces of jobs have no public address, so an internet gateway alone leads them nowhere.
    assert.match(
      way(
        logs,
        record("Route", "r", { routeTableId: "rtb-private", destinationCidrBlock: "0.0.0.0/0", gatewayId: "igw-1" }),
        open,
      ),
      /no way to the internet/,
    );
    // The endpoint's names win over the way to the internet, even where the endpoint lets nobody in.
    assert.match(way(logs, ...natRoute, open, endpoint()), /let no HTTPS in/);
  });

  it("is none unless every subnet has it, since AWS chooses one, nor from a subnet that is not there", () => {
    const topology = readTopology([
      ...bare.filter(({ id }) => id !== "assoc-b"),
      gateway(),
      out({ prefixListId: "pl-s3" }),
    ]);
    assert.equal(wayTo(topology, from, s3).kind, "endpoint");
    assert.deepEqual(wayTo(topology, { ...from, subnetIds: ["subnet-a", "subnet-b"] }, s3), {
      kind: "none",
      reason: `subnet-b has no endpoint for ${s3} that its names or routes lead to, and no way to the internet`,
    });
    assert.deepEqual(wayTo(topology, { ...from, subnetIds: ["subnet-x"] }, s3), {
      kind: "none",
      reason: "subnet subnet-x does not exist",
    });
  });
});
