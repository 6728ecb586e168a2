import { SageMaker } from "../../aws/sagemaker";
import { ParameterStore } from "../../aws/ssm";
import { isConverged } from "../../lifecycle/serving-state";
import { DesiredReleaseStore } from "./desired-release";
import type { DesiredRelease } from "../../contract/desired-release";
import type { Environment } from "../stack/environment";
import type { StackOutputs } from "../../contract/outputs";

/** What an environment's endpoint shall run, and what it does run. */
export interface ServingStatus {
  readonly desired?: DesiredRelease;
  readonly endpoint?: {
    readonly name: string;
    readonly status: string;
    readonly configName: string;
    readonly wantedConfigName?: string;
  };
  /** True when the live endpoint runs what is desired (or nothing is desired and nothing runs). */
  readonly converged: boolean;
}

export interface EnvironmentStatus extends ServingStatus {
  readonly environment: string;
  readonly up: boolean;
  /** Newest first, ten at most. */
  readonly packages: readonly { readonly arn: string; readonly approval: string; readonly created: string }[];
}

/** What an environment shall serve, what it does serve, and what its registry holds. */
export async function status(environment: Environment): Promise<EnvironmentStatus> {
  environment.invalidateState();
  if (!(await environment.exists())) return { environment: environment.name, up: false, packages: [], converged: true };
  const outputs = await environment.outputs();
  const [served, packages] = await Promise.all([
    servingStatus(environment, outputs),
    new SageMaker(environment.session).listModelPackages(outputs.modelPackageGroup),
  ]);
  return {
    environment: environment.name,
    up: true,
    ...served,
    packages: packages
      .slice(0, 10)
      .map(({ arn, approval, created }) => ({ arn, approval, created: created.toISOString() })),
  };
}

/**
 * What an environment shall serve and does serve; unlike `status` it looks at no registry, which release builds may
 * not.
 */
export async function servingStatus({ name, session }: Environment, outputs: StackOutputs): Promise<ServingStatus> {
  const [desired, endpoint] = await Promise.all([
    new DesiredReleaseStore(new ParameterStore(session), name, outputs.releaseParameter).read(),
    new SageMaker(session).describeEndpoint(outputs.endpointName),
  ]);
  return {
    desired,
    endpoint: endpoint && {
      name: endpoint.EndpointName!,
      status: endpoint.EndpointStatus!,
      configName: endpoint.EndpointConfigName ?? "",
      wantedConfigName: outputs.endpointConfigName,
    },
    converged: isConverged({
      desired: desired !== undefined,
      endpoint: endpoint && { status: endpoint.EndpointStatus, configName: endpoint.EndpointConfigName },
      wantedConfigName: outputs.endpointConfigName,
    }),
  };
}
