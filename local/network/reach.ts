import type { Placement } from "./placement";
import type { Endpoint, Rule, Subnet, Topology } from "./topology";

/** How a call leaves the network: through an endpoint, whose policy has its say, or over the internet. */
export type Way =
  | { readonly kind: "endpoint"; readonly endpoint: Endpoint; readonly vpcId: string; readonly address: string }
  | { readonly kind: "internet" };

/** Why there is none, for people: AWS itself is silent, and the client waits until its time is over. */
export interface NoWay {
  readonly kind: "none";
  readonly reason: string;
}

const https = 443;
/** Any address outside: a rule that lets HTTPS out to it lets it out to everybody. */
const outside = "198.51.100.1";

/**
 * Which way a call by HTTPS takes from a place in a VPC to a service. SageMaker and Lambda choose one of the subnets
 * for themselves, so there is a way only if each of them has it (believed: stricter than a run that is lucky).
 * @param serviceName PrivateLink's name of the service; undefined where it has none.
 */
export function wayTo(topology: Topology, from: Placement, serviceName: string | undefined): Way | NoWay {
  let way: Way | NoWay = { kind: "none", reason: "it names no subnet" };
  for (const id of from.subnetIds) {
    const subnet = topology.subnets.get(id);
    way = subnet
      ? fromSubnet(topology, id, subnet, from.securityGroupIds, serviceName)
      : { kind: "none", reason: `subnet ${id} does not exist` };
    if (way.kind === "none") return way;
  }
  return way;
}

function fromSubnet(
  topology: Topology,
  id: string,
  subnet: Subnet,
  groups: readonly string[],
  serviceName: string | undefined,
): Way | NoWay {
  const vpc = topology.vpcs.get(subnet.vpcId);
  const table = subnet.routeTableId ?? vpc?.mainRouteTableId;
  const address = addressIn(subnet.cidr);
  const through = (endpoint: Endpoint): Way => ({ kind: "endpoint", endpoint, vpcId: subnet.vpcId, address });
  const none = (reason: string): NoWay => ({ kind: "none", reason });
  const candidates = topology.endpoints.filter(
    (endpoint) => endpoint.vpcId === subnet.vpcId && endpoint.serviceName === serviceName,
  );

  // Names resolve to the endpoint's private addresses as soon as one has private DNS, whether they can be reached or
  // not.
  const named = candidates.find(
    (endpoint) => endpoint.type === "Interface" && endpoint.privateDns && endpoint.subnetIds.length > 0,
  );
  if (named && vpc?.dnsSupport && vpc.dnsHostnames) {
    const addresses = named.subnetIds.map((one) => addressIn(topology.subnets.get(one)?.cidr ?? ""));
    if (!lets(topology, groups, "egress", { addresses, groups: named.securityGroupIds }))
      return none(
        `the security groups ${groups.join(", ")} let no HTTPS out to the endpoint ${named.id} (${serviceName})`,
      );
    if (!lets(topology, named.securityGroupIds, "ingress", { addresses: [address], groups }))
      return none(
        `the security groups of the endpoint ${named.id} (${serviceName}) let no HTTPS in from ${groups.join(", ")}`,
      );
    return through(named);
  }
  // A gateway endpoint's route to the service's addresses is more specific than any way to the internet.
  const gateway = candidates.find(
    (endpoint) => endpoint.type === "Gateway" && table !== undefined && endpoint.routeTableIds.includes(table),
  );
  if (gateway) {
    if (!lets(topology, groups, "egress", { addresses: [outside], prefixList: gateway.prefixListId }))
      return none(
        `the security groups ${groups.join(", ")} let no HTTPS out to ${serviceName} (prefix list of the endpoint ${gateway.id})`,
      );
    return through(gateway);
  }
  if (!leadsOut(topology, table))
    return none(
      `${id} has no endpoint for ${serviceName ?? "it"}${candidates.length > 0 ? " that its names or routes lead to" : ""}, and no way to the internet`,
    );
  if (!lets(topology, groups, "egress", { addresses: [outside] }))
    return none(`the security groups ${groups.join(", ")} let no HTTPS out to the internet`);
  return { kind: "internet" };
}

/**
 * A default route to a NAT gateway that itself stands in a subnet with a way out. An internet gateway alone is none:
 * these interfaces have no public address.
 */
function leadsOut({ routes, natGateways, subnets, vpcs }: Topology, table: string | undefined): boolean {
  const natId = defaultRoutes(routes, table).find((route) => route.natGatewayId)?.natGatewayId;
  const subnet = natId === undefined ? undefined : subnets.get(natGateways.get(natId) ?? "");
  return (
    subnet !== undefined &&
    defaultRoutes(routes, subnet.routeTableId ?? vpcs.get(subnet.vpcId)?.mainRouteTableId).some(
      (route) => route.internetGatewayId,
    )
  );
}

function defaultRoutes(routes: Topology["routes"], table: string | undefined) {
  return (routes.get(table ?? "") ?? []).filter(({ destination }) => destination === "0.0.0.0/0");
}

interface Peer {
  readonly addresses: readonly string[];
  readonly groups?: readonly string[];
  readonly prefixList?: string;
}

/** Whether one of the groups lets HTTPS pass to or from a peer. Without any group nothing passes. */
function lets({ groups }: Topology, ids: readonly string[], direction: "ingress" | "egress", peer: Peer): boolean {
  return ids.some((id) => groups.get(id)?.[direction].some((rule) => carriesHttps(rule) && fits(rule, peer)));
}

function carriesHttps({ protocol, fromPort, toPort }: Rule): boolean {
  if (protocol === "-1" || protocol === "all") return true;
  return (protocol === "tcp" || protocol === "6") && fromPort <= https && https <= toPort;
}

function fits(rule: Rule, { addresses, groups = [], prefixList }: Peer): boolean {
  if (prefixList !== undefined && rule.prefixLists.includes(prefixList)) return true;
  if (groups.some((group) => rule.groups.includes(group))) return true;
  return addresses.length > 0 && addresses.every((address) => rule.cidrs.some((cidr) => contains(cidr, address)));
}

/** The first address of a subnet that AWS gives to anybody (four are its own). */
function addressIn(cidr: string): string {
  const start = numberOf(cidr.split("/")[0] ?? "");
  return start === undefined ? "" : [24, 16, 8, 0].map((shift) => ((start + 4) >>> shift) & 255).join(".");
}

function contains(cidr: string, address: string): boolean {
  const [base = "", bits = "32"] = cidr.split("/");
  const [one, other] = [numberOf(base), numberOf(address)];
  if (one === undefined || other === undefined) return false;
  const mask = Number(bits) === 0 ? 0 : (~0 << (32 - Number(bits))) >>> 0;
  return (one & mask) >>> 0 === (other & mask) >>> 0;
}

function numberOf(address: string): number | undefined {
  const parts = address.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
