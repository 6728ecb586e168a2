import { join, resolve } from "node:path";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { AwsError } from "../../errors";
import { placed, type Principal } from "../../iam/principal";
import { makeInterfaces } from "../../network/interfaces";
import { placementOf } from "../../network/placement";
import type { MlflowOptions } from "../mlflow";
import { ImageNotFound, repositoryOf, resolveImage, type ImageCommand, type Images } from "../../runner/images";
import { placeInEcr, pullRefusal } from "../../runner/pull";
import { probeIsolation, type Isolation } from "../../runner/isolation";
import { Objects } from "../../runner/objects";
import { temporaryFolder } from "../../temporary-folder";
import { roleEnvironment } from "../../runner/role-environment";
import { jobChecks } from "../../checks/jobs";

export interface SageMakerOptions {
  /** Local commands by image repository. */
  readonly images: Images;
  /**
   * Where containers reach the local cloud, `http://127.0.0.1:<port>`; asked when a container starts, when the port is
   * known.
   */
  readonly gatewayUrl: () => string;
  /** How containers are kept apart; what works on this machine when left out. */
  readonly isolation?: Isolation;
  /** Services closed to new customers that the account used before, such as `model-monitor`. */
  readonly existingCustomerOf?: readonly string[];
  /** How MLflow's tracking servers are run. */
  readonly mlflow?: MlflowOptions;
}

/** What all parts of SageMaker share. */
export interface Context extends SageMakerOptions {
  readonly cloud: Cloud;
  readonly isolation: Isolation;
  readonly objects: Objects;
  /** Folder for jobs, fleets and caches. */
  readonly folder: string;
}

export function createContext(cloud: Cloud, options: SageMakerOptions): Context {
  // Absolute: containers start in working directories of their own.
  const folder = cloud.stateDir ? resolve(cloud.stateDir, "sagemaker") : temporaryFolder("sagemaker");
  return {
    ...options,
    isolation: options.isolation ?? probeIsolation(),
    cloud,
    folder,
    objects: new Objects(cloud, join(folder, "cache", "objects")),
  };
}

export const SAGEMAKER_PRINCIPAL = "sagemaker.amazonaws.com";

/**
 * A session of an execution role, named as SageMaker names it.
 * @param vpc `VpcConfig` of what it is for, whose agent and container use it there.
 * @throws AwsError in SageMaker's words when the role cannot be assumed.
 */
export function assumeExecutionRole(cloud: Cloud, roleArn: string, vpc?: Members): Principal {
  try {
    return placed(cloud.internals.assume(roleArn, SAGEMAKER_PRINCIPAL, "SageMaker"), placementOf(vpc));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw jobChecks.assumableRole(roleArn);
  }
}

/**
 * The session of a role that something runs as, or none where the role is gone or trusts SageMaker no longer: what runs
 * goes on without its rights.
 */
export function sessionOf(cloud: Cloud, roleArn: string | undefined, vpc?: Members): Principal | undefined {
  try {
    return roleArn === undefined ? undefined : assumeExecutionRole(cloud, roleArn, vpc);
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

/**
 * Puts something into a VPC before it starts, as its role.
 * @throws AwsError where EC2 refuses it. That SageMaker tells it in EC2's words is believed: of jobs it was seen to say
 * "InternalServerError".
 */
export function joinNetwork(cloud: Cloud, roleArn: string, vpc: Members | undefined): void {
  const place = placementOf(vpc);
  if (place) makeInterfaces(cloud, assumeExecutionRole(cloud, roleArn), place);
}

/**
 * Looks at a job's image, as its role, while the job is created.
 * @throws AwsError ValidationException in SageMaker's words for training jobs (aws/sagemaker-spark-container #158), for
 * processing jobs believed.
 */
export function checkImageAccess({ cloud }: Context, role: Principal, imageUri: string): void {
  const place = placeInEcr(imageUri);
  if (place && pullRefusal(cloud, role, imageUri, SAGEMAKER_PRINCIPAL, ["BatchGetImage"]))
    throw jobChecks.imageReadable(place.repository, place.registryId);
}

/**
 * Pulls a job's image as its role.
 * @throws ImageNotFound as the job's `FailureReason` has it; the words for a role that may not are those of training
 * jobs (aws/sagemaker-python-sdk #1968).
 */
export function pullJobImage({ cloud, images }: Context, role: Principal, imageUri: string): ImageCommand {
  const image = resolveImage(images, imageUri, cloud.accountId);
  if (pullRefusal(cloud, role, imageUri, SAGEMAKER_PRINCIPAL))
    throw new ImageNotFound(
      "Cannot pull algorithm container. Either the image does not exist or its permissions are incorrect.",
    );
  return image;
}

/** Environment that the platform itself gives to a container. */
export function platformEnvironment(context: Context, principal: Principal): Record<string, string> {
  return {
    ...roleEnvironment(context.cloud, principal, context.gatewayUrl()),
    // A container has no AWS profile files, whatever lies in the home folder of the person at this machine.
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
}

/** What an image keeps between runs in its home folder. */
export function imageHome(context: Context, imageUri: string): string {
  return join(context.folder, "homes", repositoryOf(imageUri).replaceAll("/", "_"));
}
