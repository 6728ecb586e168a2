import { allVariants, mapVariants, splitOf, type Deployed } from "./endpoint";
import { VariantFailed } from "./fleets/container-plan";
import { VariantFleet } from "./fleets/fleet";
import type { Router } from "./rollouts/router";

/**
 * Brings what serves to the capacities and weights that its variants desire: first more, then the weights, then less.
 * @returns the deployment as it is afterwards: as desired; or as it was, where new capacity does not come up (SageMaker's
 * RollingBack).
 */
export async function rescale(router: Router, live: Deployed): Promise<Deployed> {
  const wanted = mapVariants(live, (variant) => ({
    ...variant,
    weight: variant.desiredWeight,
    instances: variant.desiredInstances,
    ...(variant.desiredServerless ? { serverless: variant.desiredServerless } : {}),
  }));
  try {
    await capacities(router, wanted, "grow");
  } catch (error) {
    if (!(error instanceof VariantFailed)) throw error;
    const back = mapVariants(live, (variant) => ({
      ...variant,
      desiredWeight: variant.weight,
      desiredInstances: variant.instances,
      ...(variant.serverless ? { desiredServerless: variant.serverless } : {}),
    }));
    await capacities(router, back, "shrink");
    return back;
  }
  router.divide(splitOf(wanted));
  await capacities(router, wanted, "shrink");
  return wanted;
}

async function capacities(router: Router, deployed: Deployed, direction: "grow" | "shrink"): Promise<void> {
  await Promise.all(
    allVariants(deployed).map(async ({ name, instances, serverless }) => {
      const fleet = router.live?.variants.get(name);
      if (fleet instanceof VariantFleet) {
        if (direction === "shrink" || fleet.size < instances) await fleet.scaleTo(instances);
      } else if (serverless) await fleet?.limit(serverless);
    }),
  );
}
