import { blockProblem, zoneLetters } from "./network/plan";
import type { Reader } from "./settings-reader";

export const networkModes = ["private", "nat", "default-vpc"] as const;
const flowLogs = ["all", "rejected", "off"] as const;

export interface NetworkSettings {
  /** `private`: a VPC without a way to the internet. `nat`: with one way out. `default-vpc`: none of our own, SageMaker's own network. */
  readonly mode: (typeof networkModes)[number];
  /** Addresses that all environments share. */
  readonly block: string;
  /** Letters of the availability zones. */
  readonly zones: readonly string[];
  readonly natPerZone: boolean;
  readonly flowLogs: (typeof flowLogs)[number];
}

export function readNetwork(read: Reader): NetworkSettings {
  const network: NetworkSettings = {
    mode: read.oneOf("peregrine:networkMode", networkModes, (text) => text as NetworkSettings["mode"]),
    block: read.text("peregrine:networkBlock", /./, "an IPv4 block such as 10.64.0.0/16"),
    zones: read.choices("peregrine:networkZones", zoneLetters),
    natPerZone: read.boolean("peregrine:natPerZone"),
    flowLogs: read.oneOf("peregrine:flowLogs", flowLogs, (text) => text as NetworkSettings["flowLogs"]),
  };
  const problem = network.block && blockProblem(network.block);
  if (problem) read.problem("peregrine:networkBlock", `is ${JSON.stringify(network.block)}; ${problem}`);
  // One zone alone goes down with all of its instances, and Studio and endpoints ask for two.
  if (network.zones.length === 1) read.problem("peregrine:networkZones", `names ${network.zones[0]} alone; expected at least two of ${zoneLetters.join(", ")}`);
  return network;
}
