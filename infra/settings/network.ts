import { blockProblem, zoneLetters } from "../network/plan";
import type { Reader } from "./reader";

export const networkModes = ["private", "nat", "default-vpc"] as const;
/** AWS services that a private network can be given a way to beside those that its environments call. */
export const extraServices = [
  "codebuild",
  "ecr",
  "events",
  "kms",
  "lambda",
  "logs",
  "monitoring",
  "sagemaker",
  "ssm",
  "sts",
] as const;
export type ExtraService = (typeof extraServices)[number];
const flowLogs = ["all", "rejected", "off"] as const;

export interface NetworkSettings {
  /** `private`: a VPC without a way to the internet. `nat`: with one way out. `default-vpc`: none of our own, SageMaker's own network. */
  readonly mode: (typeof networkModes)[number];
  /** Addresses that all environments share. */
  readonly block: string;
  /** Letters of the availability zones. */
  readonly zones: readonly string[];
  readonly natPerZone: boolean;
  /** Further services that code inside a private network calls. */
  readonly services: readonly ExtraService[];
  readonly flowLogs: (typeof flowLogs)[number];
}

export function readNetwork(read: Reader): NetworkSettings {
  const network: NetworkSettings = {
    mode: read.oneOf("peregrine:networkMode", networkModes, (text) => text as NetworkSettings["mode"]),
    block: read.text("peregrine:networkBlock", /./, "an IPv4 block such as 10.64.0.0/16"),
    zones: read.choices("peregrine:networkZones", zoneLetters),
    natPerZone: read.boolean("peregrine:natPerZone"),
    services: read.list(
      "peregrine:networkServices",
      new RegExp(`^(${extraServices.join("|")})$`),
      `one of ${extraServices.join(", ")}`,
    ) as ExtraService[],
    flowLogs: read.oneOf("peregrine:flowLogs", flowLogs, (text) => text as NetworkSettings["flowLogs"]),
  };
  const problem = network.block && blockProblem(network.block);
  if (problem) read.problem("peregrine:networkBlock", `is ${JSON.stringify(network.block)}; ${problem}`);
  // One zone alone goes down with all of its instances, and Studio and endpoints ask for two.
  if (network.zones.length === 1)
    read.problem(
      "peregrine:networkZones",
      `names ${network.zones[0]} alone; expected at least two of ${zoneLetters.join(", ")}`,
    );
  if (new Set(network.services).size < network.services.length)
    read.problem("peregrine:networkServices", `names a service twice: ${network.services.join(", ")}`);
  if (network.services.length > 0 && network.mode !== "private")
    read.problem(
      "peregrine:networkServices",
      `is set, but peregrine:networkMode is ${network.mode}, which needs no endpoints; leave it empty`,
    );
  return network;
}
