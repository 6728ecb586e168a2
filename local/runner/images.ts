/** What an image is built for. */
export interface Platform {
  readonly architecture: "amd64" | "arm64";
  /** Version of the CUDA libraries in it, `13.3`; undefined for an image that uses no GPU. */
  readonly cuda?: string;
}

/** A local command that stands for a container image. */
export interface ImageCommand {
  /** What the image's ENTRYPOINT is. */
  readonly entrypoint: readonly string[];
  /** Takes its place on serving hosts with a GPU, which is not there: this machine's CPU stands for it. */
  readonly entrypointOnGpu?: readonly string[];
  /** What the image is built for; without it a container starts on every host. */
  readonly platform?: Platform;
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory; the folder of the container when left out. */
  readonly cwd?: string;
  /** SHA-256 of what the image is built from, 64 hexadecimal digits; that of the command when left out. */
  readonly sha256?: string;
  /** The image has the Pulumi CLI: its engine is offered the provider of `aws:*`, acting as the container's role. */
  readonly pulumi?: boolean;
}

/** Commands by repository name (`peregrine-ml`), whatever the account, region and tag. */
export type Images = Readonly<Record<string, ImageCommand>>;

/** A registry has no such repository; the message is what a pull from ECR answers. */
export class ImageNotFound extends Error {}

/** The repository of an image URI: without registry host, tag and digest. */
export function repositoryOf(imageUri: string): string {
  const [first, ...rest] = imageUri.split("/");
  const hosted = rest.length > 0 && /[.:]/.test(first ?? "");
  const path = hosted ? rest.join("/") : imageUri;
  return path.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
}

/** @throws ImageNotFound when no command is known for the image's repository. */
export function resolveImage(images: Images, imageUri: string, accountId: string): ImageCommand {
  const repository = repositoryOf(imageUri);
  const image = Object.hasOwn(images, repository) ? images[repository] : undefined;
  if (!image) {
    const registry = /^(\d{12})\./.exec(imageUri)?.[1] ?? accountId;
    throw new ImageNotFound(
      `Failed to pull image ${imageUri}: name unknown: The repository with name '${repository}' does not exist in the registry with id '${registry}'; repository does not exist`,
    );
  }
  return image;
}
