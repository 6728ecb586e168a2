import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { policyDocument } from "../identity/document";
import type { Role } from "../identity/identity";
import type { Scope } from "../scope";
import { environments } from "../../contract/environments";
import { bucketAccess, type InterfaceEndpoint, interfaceEndpoints } from "./endpoints";
import { NatGateways } from "./nat";
import { type NetworkPlan, planNetwork } from "./plan";

export interface NetworkArgs {
  readonly keyArn: pulumi.Input<string>;
  /** Writes flow logs; absent when there are none. */
  readonly flowLogRole: Role | undefined;
}

/** Where a job, a model or a Studio domain is put. */
export interface Placement {
  readonly subnetIds: pulumi.Output<string>[];
  readonly securityGroupIds: pulumi.Output<string>[];
}

/**
 * The environment's network. `private`: private subnets that reach AWS's services through endpoints and nothing else.
 * `nat`: the same subnets with a way out and free of charge to S3. `default-vpc`: nothing, jobs and models run in
 * SageMaker's own network.
 */
export class Network extends Component {
  readonly vpc: aws.ec2.Vpc | undefined;
  /** For jobs and models; undefined where there is no network of ours. */
  readonly placement: Placement | undefined;

  constructor(name: string, scope: Scope, args: NetworkArgs, options: pulumi.ComponentResourceOptions) {
    super("network", "Network", name, scope, options);
    const { mode, block, zones } = scope.settings.network;
    if (mode !== "default-vpc") {
      const plan = planNetwork(block, environments.indexOf(scope.environment), zones);
      this.vpc = this.createVpc(plan);
      const routes = this.createRouteTables(this.vpc, plan);
      const subnets = this.createSubnets(this.vpc, plan, routes);
      const buckets = this.reachBuckets(this.vpc, routes);
      const workloads = this.createGroup(this.vpc, "workloads", "Jobs and models");
      this.allowOut(workloads, "s3", {
        description: "S3, through its gateway endpoint",
        prefixListId: buckets.prefixListId,
      });
      if (mode === "private") this.reachServices(this.vpc, subnets, workloads);
      else {
        new NatGateways(this.named("nat"), scope, { vpc: this.vpc, plan, privateRoutes: routes }, { parent: this });
        this.allowOut(workloads, "https", { description: "The internet, by HTTPS", cidrIpv4: "0.0.0.0/0" });
      }
      if (args.flowLogRole) this.logFlows(this.vpc, args.flowLogRole, args.keyArn);
      this.placement = { subnetIds: subnets.map(({ id }) => id), securityGroupIds: [workloads.id] };
    }
    this.registerOutputs({});
  }

  private createVpc(plan: NetworkPlan): aws.ec2.Vpc {
    const vpc = new aws.ec2.Vpc(
      this.named("vpc"),
      { cidrBlock: plan.vpc, enableDnsSupport: true, enableDnsHostnames: true, tags: this.tag("vpc") },
      this.child(),
    );
    // AWS makes this group and lets everything in it talk to everything; taken over without rules, it lets nothing.
    new aws.ec2.DefaultSecurityGroup(
      this.named("default-group"),
      { vpcId: vpc.id, ingress: [], egress: [], tags: this.tag("closed") },
      this.child(),
    );
    return vpc;
  }

  /** One table per zone where each has a NAT gateway of its own, else one for all. */
  private createRouteTables(vpc: aws.ec2.Vpc, plan: NetworkPlan): aws.ec2.RouteTable[] {
    const { mode, natPerZone } = this.scope.settings.network;
    const names = mode === "nat" && natPerZone ? plan.zones.map(({ letter }) => `routes-${letter}`) : ["routes"];
    return names.map(
      (name) => new aws.ec2.RouteTable(this.named(name), { vpcId: vpc.id, tags: this.tag(name) }, this.child()),
    );
  }

  private createSubnets(vpc: aws.ec2.Vpc, plan: NetworkPlan, routes: readonly aws.ec2.RouteTable[]): aws.ec2.Subnet[] {
    return plan.zones.map((zone, index) => {
      const name = `private-${zone.letter}`;
      const subnet = new aws.ec2.Subnet(
        this.named(name),
        {
          vpcId: vpc.id,
          cidrBlock: zone.private,
          availabilityZone: `${this.scope.settings.region}${zone.letter}`,
          mapPublicIpOnLaunch: false,
          tags: this.tag(name),
        },
        this.child(),
      );
      new aws.ec2.RouteTableAssociation(
        this.named(`${name}-routes`),
        { subnetId: subnet.id, routeTableId: routes[index % routes.length]!.id },
        this.child(),
      );
      return subnet;
    });
  }

  private reachBuckets(vpc: aws.ec2.Vpc, routes: readonly aws.ec2.RouteTable[]): aws.ec2.VpcEndpoint {
    return new aws.ec2.VpcEndpoint(
      this.named("s3"),
      {
        vpcId: vpc.id,
        vpcEndpointType: "Gateway",
        serviceName: `com.amazonaws.${this.scope.settings.region}.s3`,
        routeTableIds: routes.map(({ id }) => id),
        policy: policyDocument(bucketAccess(this.scope)),
        tags: this.tag("s3"),
      },
      this.child(),
    );
  }

  private reachServices(vpc: aws.ec2.Vpc, subnets: readonly aws.ec2.Subnet[], workloads: aws.ec2.SecurityGroup): void {
    const group = this.createGroup(vpc, "endpoints", "Endpoints of AWS services");
    new aws.vpc.SecurityGroupIngressRule(
      this.named("endpoints-in"),
      {
        securityGroupId: group.id,
        cidrIpv4: vpc.cidrBlock,
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        description: "HTTPS from the network",
        tags: this.tag("endpoints-in"),
      },
      this.child(),
    );
    this.allowOut(workloads, "services", {
      description: "AWS's services, through their endpoints",
      referencedSecurityGroupId: group.id,
    });
    for (const endpoint of interfaceEndpoints(this.scope)) this.reachService(vpc, subnets, group, endpoint);
  }

  private reachService(
    vpc: aws.ec2.Vpc,
    subnets: readonly aws.ec2.Subnet[],
    group: aws.ec2.SecurityGroup,
    { name, serviceName, policy }: InterfaceEndpoint,
  ): void {
    new aws.ec2.VpcEndpoint(
      this.named(name),
      {
        vpcId: vpc.id,
        vpcEndpointType: "Interface",
        serviceName,
        subnetIds: subnets.map(({ id }) => id),
        securityGroupIds: [group.id],
        // The services' usual names lead here, so that no client needs to know.
        privateDnsEnabled: true,
        policy,
        tags: this.tag(name),
      },
      this.child(),
    );
  }

  /**
   * A group without rules: nothing comes in, nothing goes out. The provider takes off the rule "all traffic out" that
   * EC2 puts on a new group.
   */
  private createGroup(vpc: aws.ec2.Vpc, name: string, description: string): aws.ec2.SecurityGroup {
    return new aws.ec2.SecurityGroup(
      this.named(name),
      { vpcId: vpc.id, description, tags: this.tag(name) },
      this.child(),
    );
  }

  private allowOut(
    group: aws.ec2.SecurityGroup,
    name: string,
    to: Pick<
      aws.vpc.SecurityGroupEgressRuleArgs,
      "description" | "prefixListId" | "referencedSecurityGroupId" | "cidrIpv4"
    >,
  ): void {
    new aws.vpc.SecurityGroupEgressRule(
      this.named(`workloads-to-${name}`),
      {
        securityGroupId: group.id,
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        ...to,
        tags: this.tag(`workloads-to-${name}`),
      },
      this.child(),
    );
  }

  private logFlows(vpc: aws.ec2.Vpc, role: Role, keyArn: pulumi.Input<string>): void {
    const { networkLogGroup, settings } = this.scope;
    const group = new aws.cloudwatch.LogGroup(
      this.named("flow-log-group"),
      { name: networkLogGroup, retentionInDays: settings.retention.logDays, kmsKeyId: keyArn },
      this.child(),
    );
    new aws.ec2.FlowLog(
      this.named("flow-log"),
      {
        vpcId: vpc.id,
        trafficType: settings.network.flowLogs === "rejected" ? "REJECT" : "ALL",
        logDestinationType: "cloud-watch-logs",
        logDestination: group.arn,
        iamRoleArn: role.arn,
        maxAggregationInterval: 600,
        tags: this.tag("flow-log"),
      },
      this.child({ dependsOn: [role.duties] }),
    );
  }

  /** EC2 shows its things by this tag. The other tags come from the provider. */
  private tag(name: string): Record<string, string> {
    return { Name: `${this.scope.names.prefix}-${name}` };
  }
}
