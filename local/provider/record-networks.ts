import { AwsError } from "../errors";
import { hostOf, isOffered } from "../network/services";
import { readTopology, type Endpoint } from "../network/topology";
import { failure } from "./failures";
import { recordTable } from "./records";
import type { Session } from "./session";
import type { Properties } from "./values";

const token = "aws:ec2/vpcEndpoint:VpcEndpoint";

/**
 * What EC2 refuses of a VPC endpoint, which is kept as a record else.
 * @param id of an endpoint that is changed.
 * @throws ProviderFailure with EC2's refusal.
 */
export function checkEndpoint(session: Session, of: string, inputs: Properties, id = ""): void {
  if (of !== token) return;
  try {
    refuse(session, inputs, id);
  } catch (error) {
    throw failure(
      id ? "updating" : "creating",
      "EC2 VPC Endpoint",
      id || String(inputs.serviceName),
      session.model("ec2"),
      id ? "ModifyVpcEndpoint" : "CreateVpcEndpoint",
      error,
    );
  }
}

function refuse({ cloud, region }: Session, inputs: Properties, id: string): void {
  const records = [...recordTable(cloud).values()];
  const {
    endpoints: [wanted],
  } = readTopology([{ type: token, id, properties: inputs }]);
  const { vpcs, subnets, endpoints } = readTopology(records);
  const { vpcId, serviceName, type } = wanted!;
  if (!isOffered(region, serviceName, type))
    throw new AwsError("InvalidServiceName", `The Vpc Endpoint Service '${serviceName}' does not exist`);
  const others = endpoints.filter(
    (one) => one.id !== id && one.vpcId === vpcId && one.serviceName === serviceName && one.type === type,
  );
  if (type === "Gateway") {
    const table = wanted!.routeTableIds.find((one) => others.some(({ routeTableIds }) => routeTableIds.includes(one)));
    if (table)
      throw new AwsError(
        "RouteAlreadyExists",
        `route table ${table} already has a route with destination-prefix-list-id ${others[0]!.prefixListId}`,
      );
    return;
  }
  const zones = wanted!.subnetIds.map((subnet) => subnets.get(subnet)?.zone ?? subnet);
  const twice = wanted!.subnetIds.find((_subnet, index) => zones.indexOf(zones[index]!) < index);
  if (twice)
    throw new AwsError(
      "DuplicateSubnetsInSameZone",
      `Found another VPC endpoint subnet in the availability zone of ${twice}. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service.`,
    );
  if (wanted!.privateDns) refuseNames(wanted!, vpcs.get(vpcId), others, hostOf(region, serviceName));
}

function refuseNames(
  { vpcId }: Endpoint,
  vpc: { dnsSupport: boolean; dnsHostnames: boolean } | undefined,
  others: readonly Endpoint[],
  host: string,
): void {
  if (vpc && !(vpc.dnsSupport && vpc.dnsHostnames))
    throw new AwsError(
      "InvalidParameter",
      `Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ${vpcId}`,
    );
  if (others.some(({ privateDns }) => privateDns))
    throw new AwsError(
      "InvalidParameter",
      `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${host} in the VPC ${vpcId}`,
    );
}
