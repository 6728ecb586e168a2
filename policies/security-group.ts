import { blocksOf, type Inputs, orUnknown } from "./inputs";

export interface Opening {
  /** Everybody, as `0.0.0.0/0` or `::/0`. */
  readonly cidr: string;
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
}

const world = ["0.0.0.0/0", "::/0"];

/** Types that open security groups, and how each does it. */
export const securityGroupTypes = {
  group: "aws:ec2/securityGroup:SecurityGroup",
  rule: "aws:ec2/securityGroupRule:SecurityGroupRule",
  ingress: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  egress: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
} as const;

/** What a resource opens to everybody in a direction. */
export function openings(type: string, props: Inputs, direction: "ingress" | "egress"): Opening[] {
  if (type === securityGroupTypes.group)
    return blocksOf(props, direction).flatMap((rule) =>
      open(rule, [...cidrs(rule, "cidrBlocks"), ...cidrs(rule, "ipv6CidrBlocks")]),
    );
  if (type === securityGroupTypes.rule)
    return props["type"] === direction
      ? open(props, [...cidrs(props, "cidrBlocks"), ...cidrs(props, "ipv6CidrBlocks")])
      : [];
  if (type === securityGroupTypes[direction])
    return open(props, [...cidrs(props, "cidrIpv4"), ...cidrs(props, "cidrIpv6")]);
  return [];
}

/** CIDRs as far as they are known: one that comes from a subnet or a VPC is not the whole internet. */
function cidrs(rule: Inputs, member: string): string[] {
  const value = orUnknown(() => rule[member] as string | readonly string[] | undefined);
  const list = Array.isArray(value) ? (value as readonly string[]) : value === undefined ? [] : [value as string];
  return Array.from({ length: list.length }, (_, index) => orUnknown(() => list[index])).filter(
    (cidr) => cidr !== undefined,
  );
}

function open(rule: Inputs, found: readonly string[]): Opening[] {
  const protocol = String(rule["protocol"] ?? rule["ipProtocol"] ?? "-1");
  const [fromPort, toPort] =
    protocol === "-1" || protocol === "all"
      ? [0, 65_535]
      : [Number(rule["fromPort"] ?? 0), Number(rule["toPort"] ?? 65_535)];
  return found.filter((cidr) => world.includes(cidr)).map((cidr) => ({ cidr, protocol, fromPort, toPort }));
}
