import type { ResourceRecord } from "../provider/records";

/** A rule of a security group, in one direction. */
export interface Rule {
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidrs: readonly string[];
  readonly groups: readonly string[];
  readonly prefixLists: readonly string[];
}

export interface Vpc {
  readonly dnsSupport: boolean;
  readonly dnsHostnames: boolean;
  readonly mainRouteTableId: string | undefined;
  readonly defaultGroupId: string | undefined;
}

export interface Subnet {
  readonly vpcId: string;
  readonly cidr: string;
  /** Of its own; without one the VPC's main table holds. */
  readonly routeTableId: string | undefined;
  readonly zone: string | undefined;
}

export interface Route {
  readonly destination: string;
  readonly natGatewayId?: string;
  readonly internetGatewayId?: string;
}

export interface Endpoint {
  readonly id: string;
  readonly vpcId: string;
  readonly type: "Gateway" | "Interface";
  readonly serviceName: string;
  /** JSON; undefined lets everything through. */
  readonly policy: string | undefined;
  readonly privateDns: boolean;
  readonly subnetIds: readonly string[];
  readonly routeTableIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly prefixListId: string | undefined;
}

/**
 * An account's networks, as far as they decide what reaches what. Network ACLs, peering and transit gateways are not
 * looked at.
 */
export interface Topology {
  readonly vpcs: ReadonlyMap<string, Vpc>;
  readonly subnets: ReadonlyMap<string, Subnet>;
  readonly routes: ReadonlyMap<string, readonly Route[]>;
  readonly endpoints: readonly Endpoint[];
  readonly groups: ReadonlyMap<string, { readonly ingress: readonly Rule[]; readonly egress: readonly Rule[] }>;
  /** NAT gateways by id, with the subnet each stands in. */
  readonly natGateways: ReadonlyMap<string, string>;
}

/** What a topology is read from: the provider's records, or what a program registered in a test. */
export type NetworkRecord = Pick<ResourceRecord, "type" | "id"> & {
  readonly properties: Readonly<Record<string, unknown>>;
};

type Properties = Readonly<Record<string, unknown>>;
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
const objects = (value: unknown): Properties[] => (Array.isArray(value) ? (value as Properties[]) : []);

/** Reads the networks out of resources, named and shaped as the Pulumi provider names and shapes them. */
export function readTopology(records: Iterable<NetworkRecord>): Topology {
  const vpcs = new Map<string, Vpc>();
  const subnets = new Map<string, Subnet>();
  const routes = new Map<string, Route[]>();
  const groups = new Map<string, { ingress: Rule[]; egress: Rule[] }>();
  const natGateways = new Map<string, string>();
  const endpoints: Endpoint[] = [];
  const tableOfSubnet = new Map<string, string>();
  const tablesOfEndpoint = new Map<string, string[]>();
  const group = (id: string): { ingress: Rule[]; egress: Rule[] } => {
    const known = groups.get(id) ?? { ingress: [], egress: [] };
    groups.set(id, known);
    return known;
  };
  const addRoutes = (table: string, added: readonly Route[]): void =>
    void routes.set(table, [...(routes.get(table) ?? []), ...added]);

  for (const { type, id, properties: held } of records) {
    switch (type.slice(type.lastIndexOf(":") + 1)) {
      case "Vpc":
        vpcs.set(id, {
          dnsSupport: held.enableDnsSupport !== false,
          dnsHostnames: held.enableDnsHostnames === true,
          mainRouteTableId: text(held.mainRouteTableId),
          defaultGroupId: text(held.defaultSecurityGroupId),
        });
        break;
      case "Subnet":
        subnets.set(id, {
          vpcId: String(held.vpcId),
          cidr: text(held.cidrBlock) ?? "0.0.0.0/32",
          routeTableId: undefined,
          zone: text(held.availabilityZone),
        });
        break;
      case "RouteTable":
        addRoutes(
          id,
          objects(held.routes).map((route) => routeOf({ ...route, destinationCidrBlock: route.cidrBlock })),
        );
        break;
      case "Route":
        addRoutes(String(held.routeTableId), [routeOf(held)]);
        break;
      case "RouteTableAssociation":
        if (text(held.subnetId)) tableOfSubnet.set(String(held.subnetId), String(held.routeTableId));
        break;
      case "NatGateway":
        natGateways.set(id, String(held.subnetId));
        break;
      case "VpcEndpoint":
        endpoints.push({
          id,
          vpcId: String(held.vpcId),
          type: held.vpcEndpointType === "Interface" ? "Interface" : "Gateway",
          serviceName: String(held.serviceName),
          policy: text(held.policy),
          privateDns: held.privateDnsEnabled === true,
          subnetIds: texts(held.subnetIds),
          routeTableIds: texts(held.routeTableIds),
          securityGroupIds: texts(held.securityGroupIds),
          prefixListId: text(held.prefixListId),
        });
        break;
      case "VpcEndpointRouteTableAssociation":
        tablesOfEndpoint.set(String(held.vpcEndpointId), [
          ...(tablesOfEndpoint.get(String(held.vpcEndpointId)) ?? []),
          String(held.routeTableId),
        ]);
        break;
      case "SecurityGroup":
      case "DefaultSecurityGroup":
        group(id).ingress.push(...objects(held.ingress).map((rule) => ruleOf(rule, id)));
        group(id).egress.push(...objects(held.egress).map((rule) => ruleOf(rule, id)));
        break;
      case "SecurityGroupIngressRule":
        group(String(held.securityGroupId)).ingress.push(ruleOf(held, id));
        break;
      case "SecurityGroupEgressRule":
        group(String(held.securityGroupId)).egress.push(ruleOf(held, id));
        break;
      case "SecurityGroupRule":
        group(String(held.securityGroupId))[held.type === "egress" ? "egress" : "ingress"].push(
          ruleOf(held, String(held.securityGroupId)),
        );
        break;
    }
  }
  for (const [id, subnet] of subnets) subnets.set(id, { ...subnet, routeTableId: tableOfSubnet.get(id) });
  const complete = endpoints.map((endpoint) => ({
    ...endpoint,
    routeTableIds: [...endpoint.routeTableIds, ...(tablesOfEndpoint.get(endpoint.id) ?? [])],
    // EC2 puts an interface endpoint that names no group behind the VPC's default one.
    securityGroupIds:
      endpoint.securityGroupIds.length > 0
        ? endpoint.securityGroupIds
        : [vpcs.get(endpoint.vpcId)?.defaultGroupId ?? ""].filter(Boolean),
  }));
  return { vpcs, subnets, routes, endpoints: complete, groups, natGateways };
}

function routeOf(held: Properties): Route {
  return {
    destination: text(held.destinationCidrBlock) ?? "",
    natGatewayId: text(held.natGatewayId),
    internetGatewayId: text(held.gatewayId),
  };
}

/**
 * The provider's rules of all three forms: one source each (`cidrIpv4`), lists (`cidrBlocks`), or the group itself
 * (`self`).
 */
function ruleOf(held: Properties, self: string): Rule {
  const single = (...values: unknown[]): string[] =>
    values.map(text).filter((value): value is string => value !== undefined);
  return {
    protocol: String(held.ipProtocol ?? held.protocol ?? "-1"),
    fromPort: Number(held.fromPort ?? 0),
    toPort: Number(held.toPort ?? 65_535),
    cidrs: [...single(held.cidrIpv4), ...texts(held.cidrBlocks)],
    groups: [
      ...single(held.referencedSecurityGroupId, held.sourceSecurityGroupId),
      ...texts(held.securityGroups),
      ...(held.self === true ? [self] : []),
    ],
    prefixLists: [...single(held.prefixListId), ...texts(held.prefixListIds)],
  };
}
