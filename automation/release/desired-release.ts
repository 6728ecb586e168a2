import { z } from "zod";
import type { ParameterStore } from "../../aws/ssm";
import { type ReleaseContent, releaseId } from "../../records/release";
import { DesiredReleaseDamaged } from "../errors";
import type { EnvironmentName } from "../../contract/environments";

const modelShape = z.object({
  modelPackageArn: z.string().startsWith("arn:"),
  /** The model archive in the environment's own artifacts bucket. */
  modelDataUrl: z.string().startsWith("s3://"),
  modelSha256: z.string().regex(/^[0-9a-f]{64}$/),
  imageUri: z.string().min(1),
  /** Instances that the release's fleet starts with. */
  instances: z.number().int().positive().optional(),
  /** Instance type of the release's fleet; absent in releases from before it was noted, which serve on the setting's. */
  instanceType: z.string().startsWith("ml.").optional(),
});

export const releaseShape = modelShape.extend({
  /** ISO 8601, service time. */
  promotedAt: z.string(),
  /** ARN of the caller. */
  promotedBy: z.string(),
  /** Earlier releases whose model and configuration stay in the stack, newest first. */
  kept: z.array(modelShape).default([]),
});

/** A model as an environment serves it. */
export type ReleasedModel = Readonly<z.infer<typeof modelShape>>;
/** What an environment shall serve. The Pulumi program reads it, only automation writes it. */
export type DesiredRelease = Readonly<z.infer<typeof releaseShape>>;

/** Earlier releases that stay ready to be served again. */
export const keptReleases = 2;

/** Where the archive of a release lies in an environment. */
export function releasedArchive(artifactsBucket: string, sha256: string): string {
  return `s3://${artifactsBucket}/releases/${sha256}/model.tar.gz`;
}

/** The same model, wherever and however large it is served. */
export function sameRelease(one: ReleaseContent, other: ReleaseContent): boolean {
  return releaseId(one) === releaseId(other);
}

/** The list of kept releases when `release` takes the place of `previous`: the newest ones, each once. */
export function keptBehind(release: ReleasedModel, previous: DesiredRelease | undefined): ReleasedModel[] {
  if (!previous) return [];
  const { kept, promotedAt: _at, promotedBy: _by, ...model } = previous;
  const ids = new Set([releaseId(release)]);
  const earlier = [model, ...kept].filter((one) => !ids.has(releaseId(one)) && ids.add(releaseId(one)));
  return earlier.slice(0, keptReleases);
}

/** The desired release of one environment: an SSM parameter holding JSON. */
export class DesiredReleaseStore {
  constructor(
    private readonly parameters: ParameterStore,
    private readonly environment: EnvironmentName,
    private readonly parameter: string,
  ) {}

  /** The present desired release, or undefined when nothing was released yet. @throws DesiredReleaseDamaged. */
  async read(): Promise<DesiredRelease | undefined> {
    const text = await this.parameters.get(this.parameter);
    if (text === undefined) return undefined;
    try {
      return releaseShape.parse(JSON.parse(text));
    } catch (error) {
      const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
      throw new DesiredReleaseDamaged(
        `The desired release of ${this.environment} (SSM parameter ${this.parameter}) is damaged: ${why}`,
        `See the releases: npx peregrine release list --stack ${this.environment}; then write one anew: npx peregrine rollback --stack ${this.environment} --to RELEASE`,
        { cause: error },
      );
    }
  }

  async write(release: DesiredRelease): Promise<void> {
    await this.parameters.put(this.parameter, JSON.stringify(release), {
      project: "peregrine",
      environment: this.environment,
    });
  }

  /** Puts back what was desired before, "nothing" included. */
  async restore(previous: DesiredRelease | undefined): Promise<void> {
    if (previous) await this.write(previous);
    else await this.parameters.delete(this.parameter);
  }
}
