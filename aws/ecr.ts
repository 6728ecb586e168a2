import { DescribeImagesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { type AwsSession, clientSettings, hasCode } from "./session";

/** A container image in a private repository of ECR. */
export interface ImageName {
  readonly registryId: string;
  readonly region: string;
  readonly repository: string;
  readonly id: { readonly imageTag: string } | { readonly imageDigest: string };
}

/** Splits `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>` or `...@<digest>`; undefined for an image elsewhere. */
export function parseImageUri(uri: string): ImageName | undefined {
  const [, registryId, region, repository, mark, rest] = /^(\d{12})\.dkr\.ecr\.([^.]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)([:@])(.+)$/.exec(uri) ?? [];
  if (!registryId) return undefined;
  return { registryId, region: region!, repository: repository!, id: mark === "@" ? { imageDigest: rest! } : { imageTag: rest! } };
}

/** Whether the image is there; `no-repository` when not even its repository is. */
export async function findImage(session: AwsSession, { registryId, region, repository, id }: ImageName): Promise<"present" | "absent" | "no-repository"> {
  try {
    await new ECRClient({ ...clientSettings(session), region }).send(new DescribeImagesCommand({ registryId, repositoryName: repository, imageIds: [id] }));
    return "present";
  } catch (error) {
    if (hasCode(error, "ImageNotFoundException")) return "absent";
    if (hasCode(error, "RepositoryNotFoundException")) return "no-repository";
    throw error;
  }
}
