import type { Members } from "../../../members";
import type { Placement } from "../../../network/placement";
import { topologyOf } from "../../../network/passage";
import { wayTo } from "../../../network/reach";
import { applicationService, endpointService } from "../../../network/services";
import type { StudioStore } from "./store";
import { studioChecks } from "../../../checks/studio";

/** Where the apps of a domain run; undefined where they reach the internet by SageMaker's own way. */
function placementOfApp(store: StudioStore, input: Members): Placement | undefined {
  const domain = store.find("domain", input.DomainId)?.given;
  if (domain?.AppNetworkAccessType !== "VpcOnly") return undefined;
  const profile = input.UserProfileName
    ? store.find("user-profile", `${input.DomainId}/${input.UserProfileName}`)?.given
    : undefined;
  return {
    subnetIds: domain.SubnetIds,
    securityGroupIds: profile?.UserSettings?.SecurityGroups ?? domain.DefaultUserSettings?.SecurityGroups ?? [],
  };
}

/**
 * Why an app of a domain in mode VpcOnly does not come up: it needs S3, SageMaker's API and runtime, and Studio itself
 * ("Connect Studio in a VPC to external resources", SageMaker developer guide). That it ends Failed, and these words,
 * are believed.
 * @returns undefined when it does.
 */
export function unreachableFrom(store: StudioStore, input: Members): string | undefined {
  const from = placementOfApp(store, input);
  if (!from) return undefined;
  const { cloud } = store;
  const topology = topologyOf(cloud);
  const needed = [
    ...["s3", "sagemaker", "sagemaker-runtime"].map((service) => endpointService(cloud.region, service)!),
    applicationService(cloud.region, "studio"),
  ];
  for (const serviceName of needed) {
    const way = wayTo(topology, from, serviceName);
    if (way.kind === "none") return studioChecks.appWays.words(serviceName, way.reason);
  }
  return undefined;
}
