import { DescribeImagesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { type AwsSession, clientSettings, hasCode } from "./session";

/** A container image in a private repository of ECR. */
export interface ImageName {
  readonly registryId: string;
  readonly region: string;
  readonly repository: string;
  readonly id: { readonly imageTag: string } | { readonly imageDigest: string };
}

/** Registry and repository of an image's URI, without tag and digest. */
export function repositoryUri(uri: string): string {
  return uri.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
}

/**
 * Splits `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>` or `...@<digest>`; undefined for an image
 * elsewhere.
 */
export function parseImageUri(uri: string): ImageName | undefined {
  const [, registryId, region, repository, mark, rest] =
    /^(\d{12})\.dkr\.ecr\.([^.]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)([:@])(.+)$/.exec(uri) ?? [];
  if (!registryId) return undefined;
  return {
    registryId,
    region: region!,
    repository: repository!,
    id: mark === "@" ? { imageDigest: rest! } : { imageTag: rest! },
  };
}

/**
 * The digest (`sha256:…`) behind an image's name; `absent` when no image has it, `no-repository` when not even its
 * repository is there.
 */
export async function imageDigest(
  session: AwsSession,
  { registryId, region, repository, id }: ImageName,
): Promise<`sha256:${string}` | "absent" | "no-repository"> {
  try {
    const { imageDetails } = await new ECRClient({ ...clientSettings(session), region }).send(
      new DescribeImagesCommand({ registryId, repositoryName: repository, imageIds: [id] }),
    );
    return (imageDetails?.[0]?.imageDigest as `sha256:${string}` | undefined) ?? "absent";
  } catch (error) {
    if (hasCode(error, "ImageNotFoundException")) return "absent";
    if (hasCode(error, "RepositoryNotFoundException")) return "no-repository";
    throw error;
  }
}
