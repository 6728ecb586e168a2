import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Scope } from "../scope";
import type { NetworkPlan } from "./plan";

export interface NatGatewaysArgs {
  readonly vpc: aws.ec2.Vpc;
  readonly plan: NetworkPlan;
  /** Tables of the private subnets: one for all, or one per zone in the order of the zones. */
  readonly privateRoutes: readonly aws.ec2.RouteTable[];
}

const everywhere = "0.0.0.0/0";

/**
 * The way out of the private subnets: public subnets with nothing but NAT gateways, one for each private route table.
 */
export class NatGateways extends Component {
  constructor(
    name: string,
    scope: Scope,
    private readonly args: NatGatewaysArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("network", "NatGateways", name, scope, options);
    const { vpc, plan, privateRoutes } = args;
    const gateway = new aws.ec2.InternetGateway(
      this.named("internet"),
      { vpcId: vpc.id, tags: this.tag("internet") },
      this.child(),
    );
    const routes = new aws.ec2.RouteTable(
      this.named("routes"),
      { vpcId: vpc.id, tags: this.tag("routes") },
      this.child(),
    );
    new aws.ec2.Route(
      this.named("route"),
      { routeTableId: routes.id, destinationCidrBlock: everywhere, gatewayId: gateway.id },
      this.child(),
    );
    plan.zones.slice(0, privateRoutes.length).forEach((zone, index) => {
      const subnet = this.createPublicSubnet(zone, routes);
      this.leadOut(zone.letter, subnet, privateRoutes[index]!, gateway);
    });
    this.registerOutputs({});
  }

  private createPublicSubnet(
    { letter, public: cidrBlock }: NetworkPlan["zones"][number],
    routes: aws.ec2.RouteTable,
  ): aws.ec2.Subnet {
    const name = `public-${letter}`;
    const subnet = new aws.ec2.Subnet(
      this.named(name),
      {
        vpcId: this.args.vpc.id,
        cidrBlock,
        availabilityZone: `${this.scope.settings.region}${letter}`,
        mapPublicIpOnLaunch: false,
        tags: this.tag(name),
      },
      this.child(),
    );
    new aws.ec2.RouteTableAssociation(
      this.named(`${name}-routes`),
      { subnetId: subnet.id, routeTableId: routes.id },
      this.child(),
    );
    return subnet;
  }

  private leadOut(
    letter: string,
    subnet: aws.ec2.Subnet,
    privateRoutes: aws.ec2.RouteTable,
    gateway: aws.ec2.InternetGateway,
  ): void {
    const address = new aws.ec2.Eip(
      this.named(`address-${letter}`),
      { domain: "vpc", tags: this.tag(`address-${letter}`) },
      this.child({ dependsOn: [gateway] }),
    );
    // A NAT gateway works only once the network has its way to the internet.
    const nat = new aws.ec2.NatGateway(
      this.named(`gateway-${letter}`),
      { subnetId: subnet.id, allocationId: address.id, tags: this.tag(`gateway-${letter}`) },
      this.child({ dependsOn: [gateway] }),
    );
    new aws.ec2.Route(
      this.named(`out-${letter}`),
      { routeTableId: privateRoutes.id, destinationCidrBlock: everywhere, natGatewayId: nat.id },
      this.child(),
    );
  }

  private tag(name: string): Record<string, string> {
    return { Name: `${this.scope.names.prefix}-nat-${name}` };
  }
}
