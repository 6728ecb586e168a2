import type { Cloud } from "../cloud";
import { AwsError } from "../errors";
import { askAs } from "../iam/asking";
import type { Principal } from "../iam/principal";
import { repositoryOf } from "./images";

/**
 * What a pull asks ECR for about a repository, in a client's order (ECR user guide, "Amazon ECR private repository
 * policies").
 */
const layerActions = ["BatchGetImage", "BatchCheckLayerAvailability", "GetDownloadUrlForLayer"] as const;

/** An action that a role needs to pull an image, and has not. */
export interface PullRefusal {
  /** Without `ecr:`. */
  readonly action: (typeof layerActions)[number] | "GetAuthorizationToken";
  /** ECR's words. */
  readonly message: string;
}

/** Registry and repository that an image's URI names in ECR; undefined for images from elsewhere. */
export function placeInEcr(
  imageUri: string,
): { readonly registryId: string; readonly region: string; readonly repository: string } | undefined {
  const [, registryId, region] = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\//.exec(imageUri) ?? [];
  return registryId === undefined || region === undefined
    ? undefined
    : { registryId, region, repository: repositoryOf(imageUri) };
}

/**
 * Whether a role may pull an image. A repository of another account has to let it by its own policy, too; those are not
 * known here, so that nobody pulls from there. SageMaker pulls outside of any VPC of ours.
 * @param which what is asked for; a whole pull when left out.
 * @returns the first thing that it may not do.
 */
export function pullRefusal(
  cloud: Cloud,
  role: Principal,
  imageUri: string,
  host: string,
  which: readonly PullRefusal["action"][] = ["GetAuthorizationToken", ...layerActions],
): PullRefusal | undefined {
  const place = placeInEcr(imageUri);
  if (!place) return undefined;
  const { registryId, region, repository } = place;
  for (const action of which) {
    const resource =
      action === "GetAuthorizationToken" ? "*" : `arn:aws:ecr:${region}:${registryId}:repository/${repository}`;
    try {
      askAs(cloud, role, ["ecr", action], { registryId, repositoryName: repository }, host, {
        permissions: { [action]: () => [{ action: `ecr:${action}`, resource }] },
      });
    } catch (error) {
      if (error instanceof AwsError) return { action, message: error.message };
      throw error;
    }
  }
  return undefined;
}
