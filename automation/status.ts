import { SageMaker } from "../aws/sagemaker";
import { ParameterStore } from "../aws/ssm";
import { type DesiredRelease, DesiredReleaseStore } from "./release";
import type { Environment } from "./workspace";

export interface EnvironmentStatus {
  readonly environment: string;
  readonly up: boolean;
  readonly desired?: DesiredRelease;
  readonly endpoint?: { readonly name: string; readonly status: string; readonly configName: string; readonly wantedConfigName?: string };
  /** Newest first, ten at most. */
  readonly packages: readonly { readonly arn: string; readonly approval: string; readonly created: string }[];
  /** True when the live endpoint runs what is desired (or nothing is desired and nothing runs). */
  readonly converged: boolean;
}

/** What an environment shall serve, and what it does serve. */
export async function status(environment: Environment): Promise<EnvironmentStatus> {
  environment.lookAgain();
  if (!(await environment.exists())) return { environment: environment.name, up: false, packages: [], converged: true };
  const outputs = await environment.outputs();
  const sagemaker = new SageMaker(environment.session);
  const [desired, endpoint, packages] = await Promise.all([
    new DesiredReleaseStore(new ParameterStore(environment.session), environment.name, outputs.releaseParameter).read(),
    outputs.endpointName ? sagemaker.describeEndpoint(outputs.endpointName) : undefined,
    sagemaker.listModelPackages(outputs.modelPackageGroup),
  ]);
  return {
    environment: environment.name,
    up: true,
    desired,
    endpoint: endpoint && {
      name: endpoint.EndpointName!,
      status: endpoint.EndpointStatus!,
      configName: endpoint.EndpointConfigName ?? "",
      wantedConfigName: outputs.endpointConfigName,
    },
    packages: packages.slice(0, 10).map(({ arn, approval, created }) => ({ arn, approval, created: created.toISOString() })),
    converged: desired ? endpoint?.EndpointStatus === "InService" && endpoint.EndpointConfigName === outputs.endpointConfigName : endpoint === undefined,
  };
}
