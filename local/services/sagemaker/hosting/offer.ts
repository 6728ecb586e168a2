import type { Cloud } from "../../../cloud";
import type { Context } from "../context";
import type { Deployments } from "./deployments";
import type { Endpoints } from "./endpoints";
import type { EndpointRecords } from "./records";

/** The hosting side of SageMaker, as SageMaker Runtime and Application Auto Scaling see it. */
export interface Hosting {
  readonly context: Context;
  readonly records: EndpointRecords;
  readonly deployments: Deployments;
  readonly endpoints: Endpoints;
}

const hostings = new WeakMap<Cloud, Hosting>();

export function offerHosting(cloud: Cloud, hosting: Hosting): void {
  hostings.set(cloud, hosting);
}

/** @throws Error when service `sagemaker` was not created for this cloud. */
export function hostingOf(cloud: Cloud): Hosting {
  const hosting = hostings.get(cloud);
  if (!hosting) throw new Error("service sagemaker must be created before the services that use its endpoints");
  return hosting;
}
