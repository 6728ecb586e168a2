import { artifactsBucket, environmentPath, namePrefix, roleArn, roleName } from "../../../contract/names";
import type { Scope } from "../../../infra/scope";

/** An environment's names and ARNs by convention: what probes are aimed at. */
export class Target {
  constructor(
    readonly environment: string,
    readonly region: string,
    readonly accountId: string,
    /** The environment's key; ids are KMS's own. */
    readonly keyArn: string,
    /** The key that decisions about model packages are signed with. */
    readonly approvalKeyArn: string,
    /** The key that checkpoints of the log are signed with. */
    readonly logKeyArn: string,
    readonly datasetBucket: string,
    /** Where training looks in that bucket; with its slash. */
    readonly datasetPrefix: string,
    /** Instance types that the environment's settings name. */
    readonly instances: { readonly training: string; readonly processing: string; readonly serving: string },
    /** The environment's MLflow App; ids are SageMaker's own. */
    readonly mlflowAppArn: string,
  ) {}

  get prefix(): string {
    return namePrefix(this.environment);
  }

  get artifactsBucket(): string {
    return artifactsBucket(this.environment, this.accountId);
  }

  /** The name of something that does not exist, within the environment's names. */
  get probe(): string {
    return `${this.prefix}-probe`;
  }

  regional(service: string, resource: string): string {
    return `arn:aws:${service}:${this.region}:${this.accountId}:${resource}`;
  }

  sagemaker(resource: string): string {
    return this.regional("sagemaker", resource);
  }

  object(key: string): string {
    return `arn:aws:s3:::${this.artifactsBucket}/${key}`;
  }

  roleName(role: string): string {
    return roleName(this.environment, role);
  }

  roleArn(role: string): string {
    return roleArn(this.environment, role, this.accountId);
  }

  policyArn(name: string): string {
    return `arn:aws:iam::${this.accountId}:policy${environmentPath(this.environment)}${this.prefix}-${name}`;
  }
}

/** The target of a program's scope, with the ARNs of its keys. @internal what tests ask the matrix of. */
export function targetOf(
  scope: Scope,
  { data, approvals, log }: Readonly<Record<"data" | "approvals" | "log", string>>,
  mlflowAppArn = probeApp(scope),
): Target {
  const { training, serving, dataset, region } = scope.settings;
  const instances = {
    training: training.instanceType,
    processing: training.processingInstanceType,
    serving: serving.instanceType,
  };
  return new Target(
    scope.environment,
    region,
    scope.place.accountId,
    data,
    approvals,
    log,
    dataset.bucket,
    dataset.prefix,
    instances,
    mlflowAppArn,
  );
}

/** An MLflow App that stands for the environment's where there is none. */
export function probeApp({ arns, environment }: Scope): string {
  return arns.sagemaker(`mlflow-app/app-${environment}`);
}
