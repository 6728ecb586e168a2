import { championVariant } from "../../contract/variants";
import { ObjectStore } from "../../aws/s3";
import { SageMaker } from "../../aws/sagemaker";
import { Scaling } from "../../aws/scaling";
import { ParameterStore } from "../../aws/ssm";
import { ledgerOf } from "../../automation/release/history";
import { EnvironmentLock } from "../../automation/release/lock";
import { DesiredReleaseStore } from "../../automation/release/desired-release";
import type { RolloutResult } from "../../automation/release/rollout/rollout";
import type { Environment } from "../../automation/stack/environment";
import type { StackOutputs } from "../../contract/outputs";
import { type RecordedRelease, listReleases } from "../../records/release";

/** The last attempt to release in an environment. */
export async function lastRelease(
  environment: Environment,
  outputs: StackOutputs,
): Promise<RecordedRelease | undefined> {
  return (await listReleases(ledgerOf(environment, outputs), environment.name)).at(-1);
}

/**
 * What is wrong with an environment that shall serve a release and be at rest, one sentence each; empty when nothing
 * is.
 */
export async function problemsAtRest(
  environment: Environment,
  outputs: StackOutputs,
  { release, endpointName, endpointConfigName: wanted }: RolloutResult,
): Promise<string[]> {
  const { session } = environment;
  const sagemaker = new SageMaker(session);
  const store = new ObjectStore(session);
  const [live, models, desired, lock, suspended, configs, resources] = await Promise.all([
    sagemaker.describeEndpoint(endpointName),
    sagemaker.modelsOf(wanted),
    new DesiredReleaseStore(new ParameterStore(session), environment.name, outputs.releaseParameter).read(),
    EnvironmentLock.peek(store, outputs.artifactsBucket),
    new Scaling(session).suspended(endpointName, championVariant),
    sagemaker.listEndpointConfigs(`${endpointName}-`),
    environment.resources(),
  ]);
  const known = new Set(resources.flatMap(({ id }) => id ?? []));
  const stray = configs.filter((name) => !known.has(name));
  const changes = Object.entries((await environment.preview()).changes).filter(
    ([operation, count]) => operation !== "same" && count > 0,
  );
  return [
    live?.EndpointStatus === "InService" && live.EndpointConfigName === wanted
      ? []
      : `the endpoint is ${live?.EndpointStatus} on ${live?.EndpointConfigName}, not InService on ${wanted}`,
    models.length > 0 ? [] : `the live endpoint configuration ${wanted} is gone`,
    desired?.modelPackageArn === release.modelPackageArn
      ? []
      : `desired is ${desired?.modelPackageArn}, not ${release.modelPackageArn}`,
    lock ? `the lock is held: ${lock.operation.kind}, ${lock.operation.phase}` : [],
    suspended === false ? [] : `scaling is ${suspended === undefined ? "not there" : "suspended"}`,
    stray.length === 0 ? [] : `endpoint configurations are left that no release needs: ${stray.join(", ")}`,
    changes.length === 0
      ? []
      : `a preview shows changes: ${changes.map(([operation, count]) => `${count} ${operation}`).join(", ")}`,
  ].flat();
}
