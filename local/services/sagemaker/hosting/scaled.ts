import type { Call, Cloud } from "../../../cloud";
import { AwsError } from "../../../errors";
import type { Deployed, Endpoint } from "./endpoint";
import { hostingChecks } from "../../../checks/hosting";

const namespace = "sagemaker";
const dimension = "sagemaker:variant:DesiredInstanceCount";

/** Variants of an endpoint that are scalable targets of Application Auto Scaling. */
function scaledVariants(cloud: Cloud, endpoint: string): string[] {
  const targets = cloud.journal.table<{ readonly namespace: string; readonly resourceId: string; readonly dimension: string }>("application-autoscaling/targets");
  const prefix = `endpoint/${endpoint}/variant/`;
  return [...targets.values()].filter((target) => target.namespace === namespace && target.dimension === dimension && target.resourceId.startsWith(prefix)).map(({ resourceId }) => resourceId.slice(prefix.length));
}

/**
 * An update may change the model of a scaled variant, and neither its instance type nor that it is there (developer guide, "Update endpoints
 * that use auto scaling"). The words are as people quote them: believed.
 * @throws AwsError naming the variants.
 */
export function checkScaled(cloud: Cloud, { name, live }: Endpoint, wanted: Deployed): void {
  const stuck = scaledVariants(cloud, name).filter((variant) => {
    const typeIn = (deployed: Deployed | undefined): string | undefined => deployed?.variants.find((one) => one.name === variant)?.instanceType;
    return typeIn(live) !== undefined && typeIn(wanted) !== typeIn(live);
  });
  if (stuck.length > 0) throw hostingChecks.scaledVariant(JSON.stringify(stuck));
}

/**
 * Takes the scaling off an endpoint that is about to be deleted, with the rights of who deletes it; targets, policies and scheduled actions go
 * without a word (developer guide, "Delete endpoints configured for auto scaling"). That the refusal is a ValidationException is believed.
 */
export async function deregisterScaled(cloud: Cloud, endpoint: string, call: Call): Promise<void> {
  for (const variant of scaledVariants(cloud, endpoint)) {
    const target = { ServiceNamespace: namespace, ResourceId: `endpoint/${endpoint}/variant/${variant}`, ScalableDimension: dimension };
    try {
      await cloud.as(call.principal, "application-autoscaling", "DeregisterScalableTarget", target, "sagemaker.amazonaws.com");
    } catch (error) {
      if (!(error instanceof AwsError) || !error.code.startsWith("AccessDenied")) throw error;
      throw hostingChecks.deregistered();
    }
  }
}
