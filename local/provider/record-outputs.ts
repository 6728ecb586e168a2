import { hex } from "./naming";
import type { Session } from "./session";
import type { Properties, Value } from "./values";

/** How AWS would call a kept resource, where that is not the convention: its id, its ARN, and what it computes. */
export interface RecordShape {
  readonly id?: (inputs: Properties, session: Session, seed: string) => string;
  readonly arn?: (id: string, inputs: Properties, session: Session) => string;
  /** Follows from id and inputs alone: an update must not change it. */
  readonly outputs?: (id: string, inputs: Properties, session: Session) => Readonly<Record<string, Value>>;
}

const ec2 = (kind: string): RecordShape => ({ arn: (id, _inputs, session) => session.arn("ec2", `${kind}/${id}`) });
const numbered = (prefix: string, seed: string): string => prefix + hex(seed, 17);
const uuid = (seed: string): string => hex(seed, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
const list = (value: Value | undefined): Value[] => (Array.isArray(value) ? value : []);

/** A public address from the block for documentation (RFC 5737). */
const publicIp = (id: string): string => `203.0.113.${parseInt(hex(id, 2), 16)}`;

/**
 * Types whose dependants block their deletion, with EC2's word for each ("The vpc 'vpc-0ab' has dependencies and cannot
 * be deleted.").
 */
export const blocking: Readonly<Record<string, string>> = {
  "aws:ec2/vpc:Vpc": "vpc",
  "aws:ec2/subnet:Subnet": "subnet",
  "aws:ec2/securityGroup:SecurityGroup": "resource",
  "aws:ec2/routeTable:RouteTable": "routeTable",
};

export const recordShapes: Readonly<Record<string, RecordShape>> = {
  "aws:ec2/vpc:Vpc": {
    outputs: (id) => ({
      defaultSecurityGroupId: numbered("sg-", `${id} group`),
      defaultRouteTableId: numbered("rtb-", `${id} routes`),
      mainRouteTableId: numbered("rtb-", `${id} routes`),
      defaultNetworkAclId: numbered("acl-", `${id} acl`),
      dhcpOptionsId: numbered("dopt-", `${id} dhcp`),
    }),
  },
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
    // Taken over, not made: the group that came with the VPC.
    id: (inputs) => numbered("sg-", `${String(inputs.vpcId)} group`),
    ...ec2("security-group"),
    outputs: () => ({ name: "default", description: "default VPC security group" }),
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    outputs: (id, inputs, { region }) => {
      const common = { state: "available", requesterManaged: false };
      if (inputs.vpcEndpointType !== "Interface")
        return {
          ...common,
          prefixListId: numbered("pl-", String(inputs.serviceName)),
          cidrBlocks: ["52.219.168.0/24"],
          dnsEntries: [],
          networkInterfaceIds: [],
        };
      const service = String(inputs.serviceName).split(".").slice(3).join(".");
      return {
        ...common,
        cidrBlocks: [],
        networkInterfaceIds: list(inputs.subnetIds).map((subnet) => numbered("eni-", `${id} ${String(subnet)}`)),
        dnsEntries: [
          { dnsName: `${id}-${hex(id, 8)}.${service}.${region}.vpce.amazonaws.com`, hostedZoneId: "Z273ZU8SZ5RJPC" },
          {
            dnsName: `${service.split(".").reverse().join(".")}.${region}.amazonaws.com`,
            hostedZoneId: `Z${hex(id, 20).toUpperCase()}`,
          },
        ],
      };
    },
  },
  "aws:ec2/flowLog:FlowLog": ec2("vpc-flow-log"),
  "aws:ec2/eip:Eip": { ...ec2("elastic-ip"), outputs: (id) => ({ allocationId: id, publicIp: publicIp(id) }) },
  "aws:ec2/natGateway:NatGateway": {
    ...ec2("natgateway"),
    outputs: (id, inputs) => ({
      publicIp: publicIp(String(inputs.allocationId)),
      networkInterfaceId: numbered("eni-", id),
    }),
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
    ...ec2("security-group-rule"),
    outputs: (id) => ({ securityGroupRuleId: id }),
  },
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
    ...ec2("security-group-rule"),
    outputs: (id) => ({ securityGroupRuleId: id }),
  },
  "aws:budgets/budget:Budget": {
    id: (inputs, { accountId }) => `${accountId}:${String(inputs.name)}`,
    arn: (_id, inputs, session) => session.arn("budgets", `budget/${String(inputs.name)}`, ""),
  },
  "aws:budgets/budgetAction:BudgetAction": {
    id: (inputs, { accountId }, seed) => `${accountId}:${uuid(seed)}:${String(inputs.budgetName)}`,
    arn: (id, inputs, session) =>
      session.arn("budgets", `budget/${String(inputs.budgetName)}/action/${id.split(":")[1]}`, ""),
    outputs: (id) => ({ actionId: id.split(":")[1]!, status: "STANDBY" }),
  },
  "aws:costexplorer/anomalyMonitor:AnomalyMonitor": {
    id: (_inputs, session, seed) => session.arn("ce", `anomalymonitor/${uuid(seed)}`, ""),
    arn: (id) => id,
  },
  "aws:costexplorer/anomalySubscription:AnomalySubscription": {
    id: (_inputs, session, seed) => session.arn("ce", `anomalysubscription/${uuid(seed)}`, ""),
    arn: (id) => id,
  },
  "aws:scheduler/schedule:Schedule": {
    id: (inputs) => `${String(inputs.groupName ?? "default")}/${String(inputs.name)}`,
    arn: (id, _inputs, session) => session.arn("scheduler", `schedule/${id}`),
  },
};
