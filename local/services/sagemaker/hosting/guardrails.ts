import type { Members } from "../../../members";
import { allVariants, type Deployed } from "./endpoint";
import { hostingChecks } from "../../../checks/hosting";

/**
 * What a `DeploymentConfig` must keep to (SageMaker API; developer guide, "Deployment guardrails", Exclusions). The
 * rules are AWS's, the words are ours: AWS's are not documented.
 * @param live what the endpoint runs; undefined when it is created.
 * @throws AwsError with all problems.
 */
export function checkDeployment(deployment: Members | undefined, next: Deployed, live?: Deployed): void {
  if (!deployment) return;
  if (allVariants(next).some(({ serverless }) => serverless)) throw hostingChecks.serverlessDeployment();
  const problems = [...policyProblems(deployment, next), ...(live ? variantProblems(deployment, live, next) : [])];
  if (problems.length > 0) throw hostingChecks.deployment(problems.join(" "));
}

function policyProblems(
  { BlueGreenUpdatePolicy: blueGreen, RollingUpdatePolicy: rolling }: Members,
  next: Deployed,
): string[] {
  if (blueGreen && rolling)
    return ["Only one update policy may be used in DeploymentConfig: BlueGreenUpdatePolicy or RollingUpdatePolicy."];
  if (rolling) return sizeProblems("MaximumBatchSize", rolling.MaximumBatchSize, 5, next);
  const routing = blueGreen?.TrafficRoutingConfiguration as Members | undefined;
  if (routing?.Type === "CANARY")
    return routing.CanarySize
      ? sizeProblems("CanarySize", routing.CanarySize, 0, next)
      : ["TrafficRoutingConfiguration of type CANARY must have a CanarySize."];
  if (routing?.Type === "LINEAR")
    return routing.LinearStepSize
      ? sizeProblems("LinearStepSize", routing.LinearStepSize, 10, next)
      : ["TrafficRoutingConfiguration of type LINEAR must have a LinearStepSize."];
  return [];
}

/**
 * A size is at most 50 % of each variant's instances, and at least `minPercent`. One given in per cent is rounded up to
 * whole instances.
 */
function sizeProblems(name: string, size: Members, minPercent: number, next: Deployed): string[] {
  const fits = (percent: number): boolean => percent <= 50 && percent >= minPercent;
  const range = minPercent > 0 ? `between ${minPercent} and 50 %` : "at most 50 %";
  if (size.Type === "CAPACITY_PERCENT")
    return fits(size.Value) ? [] : [`${name} must be ${range} of the variant's instances, not ${size.Value} %.`];
  return next.variants
    .filter((variant) => !fits((100 * size.Value) / variant.desiredInstances))
    .map(
      (variant) =>
        `${name} must be ${range} of the ${variant.desiredInstances} instance(s) of variant ${variant.name}, not ${size.Value} instance(s).`,
    );
}

/**
 * "Your new endpoint configuration must have the same variant name as the old endpoint configuration"; rolling updates
 * know one variant only. That a shadow variant counts in both is believed.
 */
function variantProblems({ RollingUpdatePolicy: rolling }: Members, live: Deployed, next: Deployed): string[] {
  const names = (deployed: Deployed): string =>
    [
      ...deployed.variants.map(({ name }) => name).sort(),
      ...(deployed.shadow ? [`shadow ${deployed.shadow.name}`] : []),
    ].join(", ");
  if (names(live) !== names(next))
    return [
      `An update with a DeploymentConfig needs the same variants before and after: the endpoint has ${names(live)}, the new configuration ${names(next)}.`,
    ];
  if (rolling && allVariants(next).length > 1)
    return [`RollingUpdatePolicy is not supported for an endpoint with several variants (${names(next)}).`];
  return [];
}
