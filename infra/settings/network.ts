import { blockProblem, zoneLetters } from "../network/plan";
import type { Demand } from "./problems";
import { choices, flag, listOf, oneOf, text, type Values } from "./setting";

/** AWS services that a private network can be given a way to beside those that its environments call. */
const extraServices = [
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

export const networkSettings = {
  networkMode: oneOf(["private", "nat", "default-vpc"], {
    meaning:
      "`private`: a VPC whose subnets reach AWS through endpoints and nothing else (about 15 USD a month in two zones, 117 with Studio). `nat`: the same subnets with a way out through a NAT gateway. `default-vpc`: no VPC of ours; jobs and models run in SageMaker's own network.",
    default: "default-vpc",
  }),
  networkBlock: text(/./, "an IPv4 block such as 10.64.0.0/16", {
    meaning:
      "Private addresses that all environments share, /14 to /20; each takes a quarter of its own, so that they can be peered.",
    default: "10.64.0.0/16",
  }),
  networkZones: choices(zoneLetters, {
    meaning:
      "Letters of the availability zones, at least two of a, b, c, d. Named and not asked for, since an answer that changes would replace subnets.",
    default: "a,b",
  }),
  natPerZone: flag({
    meaning:
      "Mode `nat` only. True gives each zone a NAT gateway; false saves money and loses the way out when its zone fails.",
    default: "false",
  }),
  flowLogs: oneOf(["all", "rejected", "off"], {
    meaning: "Connections that flow logs record, one of all, rejected, off.",
    default: "all",
  }),
  networkServices: listOf(extraServices, {
    meaning:
      "Mode `private` only. AWS services that code of yours calls from inside, some of codebuild, ecr, events, kms, lambda, logs, monitoring, sagemaker, ssm, sts; each is an interface endpoint (ecr and sagemaker two). Those that jobs, monitors and Studio call are there without being named.",
    example: "ecr",
  }),
};
type NetworkValues = Values<typeof networkSettings>;

export const networkDemands: readonly Demand<NetworkValues>[] = [
  {
    of: ["networkBlock"],
    *clashes({ networkBlock }) {
      const problem = blockProblem(networkBlock);
      if (problem) yield { name: "networkBlock", reason: `is ${JSON.stringify(networkBlock)}; ${problem}` };
    },
  },
  {
    // One zone alone goes down with all of its instances, and Studio and endpoints ask for two.
    of: ["networkZones"],
    *clashes({ networkZones: [first, ...others] }) {
      if (others.length === 0)
        yield {
          name: "networkZones",
          reason: `names ${first} alone; expected at least two of ${zoneLetters.join(", ")}`,
        };
    },
  },
  {
    of: ["networkServices", "networkMode"],
    *clashes({ networkServices: services, networkMode }) {
      if (new Set(services).size < services.length)
        yield { name: "networkServices", reason: `names a service twice: ${services.join(", ")}` };
      if (services.length > 0 && networkMode !== "private")
        yield {
          name: "networkServices",
          reason: `is set, but peregrine:networkMode is ${networkMode}, which needs no endpoints; leave it empty`,
        };
    },
  },
];

export interface NetworkSettings {
  /**
   * `private`: a VPC without a way to the internet. `nat`: with one way out. `default-vpc`: none of our own,
   * SageMaker's own network.
   */
  readonly mode: NetworkValues["networkMode"];
  /** Addresses that all environments share. */
  readonly block: string;
  /** Letters of the availability zones. */
  readonly zones: readonly string[];
  readonly natPerZone: boolean;
  /** Further services that code inside a private network calls. */
  readonly services: readonly ExtraService[];
  readonly flowLogs: NetworkValues["flowLogs"];
}

export function networkOf(values: NetworkValues): NetworkSettings {
  return {
    mode: values.networkMode,
    block: values.networkBlock,
    zones: values.networkZones,
    natPerZone: values.natPerZone,
    services: values.networkServices,
    flowLogs: values.flowLogs,
  };
}
