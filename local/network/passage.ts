import type { Call, Passage } from "../call";
import type { Cloud } from "../cloud";
import { recordTable } from "../provider/records";
import { defaultNetwork } from "./default-vpc";
import { wayTo } from "./reach";
import { applicationService, endpointService, hostOf } from "./services";
import { readTopology, type Topology } from "./topology";
import { Unreachable } from "./unreachable";

/** SageMaker's data planes that are no operation of its API, by the name they are called here. */
const applications: Readonly<Record<string, "mlflow" | "experiments">> = {
  CallMlflowAppApi: "mlflow",
  CallMlflowServer: "experiments",
};

/** Calls of this cloud that come from inside a VPC leave it as its topology lets them. */
export function connectNetworks(cloud: Cloud): void {
  cloud.passageOf = (call) => passageOf(cloud, call);
}

/**
 * Lets a call out of its network.
 * @returns the endpoint it goes through; undefined over the internet, and for whoever is in no VPC.
 * @throws Unreachable
 */
function passageOf(
  cloud: Cloud,
  { service, operation, principal }: Pick<Call, "service" | "operation" | "principal">,
): Passage | undefined {
  const from = principal.network;
  if (!from) return undefined;
  const application = service === "sagemaker" ? applications[operation] : undefined;
  const serviceName = application
    ? applicationService(cloud.region, application)
    : endpointService(cloud.region, service);
  const way = wayTo(topologyOf(cloud), from, serviceName);
  if (way.kind === "none")
    throw new Unreachable(
      serviceName ?? service,
      serviceName ? hostOf(cloud.region, serviceName) : `${service}.amazonaws.com`,
      way.reason,
    );
  return way.kind === "internet"
    ? undefined
    : { endpointId: way.endpoint.id, vpcId: way.vpcId, address: way.address, policy: way.endpoint.policy };
}

const topologies = new WeakMap<Cloud, { readonly revision: number; readonly topology: Topology }>();

/**
 * The account's networks as they are now: those that Pulumi made, and the default one. Read again when one of the
 * provider's records changed.
 */
export function topologyOf(cloud: Cloud): Topology {
  const records = recordTable(cloud);
  const known = topologies.get(cloud);
  if (known?.revision === records.revision) return known.topology;
  const topology = readTopology([...defaultNetwork(cloud), ...records.values()]);
  topologies.set(cloud, { revision: records.revision, topology });
  return topology;
}
