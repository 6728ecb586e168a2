import { times } from "../amounts";
import type { Pricer } from "../pricer";

/** Ways out of a network. */
export const network: Readonly<Record<string, Pricer>> = {
  "aws:ec2/vpcEndpoint:VpcEndpoint": (inputs, { prices, assume }) => {
    const kind = inputs.optionalText("vpcEndpointType") ?? "Gateway";
    if (kind === "Gateway") return [{ usd: 0, how: "gateway endpoints have no charge" }];
    // One network interface in each subnet, and AWS allows one subnet a zone.
    const zones = Math.max(1, inputs.count("subnetIds"), inputs.count("subnetConfigurations"));
    return [
      times(
        zones * assume.hoursPerMonth,
        `hours in ${zones} zone${zones === 1 ? "" : "s"}`,
        prices.usd("vpc.endpoint"),
      ),
      times(assume.endpointGBPerMonth, "GB a month", prices.usd("vpc.endpoint-data")),
    ];
  },
  "aws:ec2/natGateway:NatGateway": (_inputs, { prices, assume }) => [
    times(assume.hoursPerMonth, "hours", prices.usd("vpc.nat")),
    times(assume.natGBPerMonth, "GB a month", prices.usd("vpc.nat-data")),
  ],
  "aws:ec2/eip:Eip": (_inputs, { prices, assume }) => [
    times(assume.hoursPerMonth, "hours of a public address", prices.usd("vpc.public-ipv4")),
  ],
  "aws:ec2/flowLog:FlowLog": (inputs, { prices, assume }) => {
    const destination = inputs.optionalText("logDestinationType") ?? "cloud-watch-logs";
    return [
      times(
        assume.flowLogGBPerMonth,
        "GB of flow logs a month",
        prices.usd(destination === "cloud-watch-logs" ? "logs.vended" : "logs.delivered-s3"),
      ),
    ];
  },
};
