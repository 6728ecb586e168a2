import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { AwsError } from "../../errors";
import { isInline } from "./buildspec";
import { invalidInput } from "./records";

/**
 * Builds that run at a time in an account, and how many may wait behind them (CodeBuild quotas: 60, and five times
 * that).
 */
export const ACCOUNT_CONCURRENT_BUILDS = 60;
export const ACCOUNT_QUEUED_BUILDS = 5 * ACCOUNT_CONCURRENT_BUILDS;

export const CODEBUILD_PRINCIPAL = "codebuild.amazonaws.com";

/**
 * What CreateProject and UpdateProject refuse beyond the shapes of the service model.
 * @param settings of the project as it would be.
 */
export function checkProject(cloud: Cloud, arn: string, settings: Members): void {
  checkRole(cloud, arn, settings.serviceRole);
  checkSource(settings.source);
  const { artifacts } = settings as { artifacts: Members };
  if (artifacts.type === "NO_ARTIFACTS" && artifacts.location)
    throw invalidInput("Invalid artifacts: artifact type NO_ARTIFACTS should have null location");
  if (artifacts.type === "S3" && !artifacts.location)
    throw invalidInput("Invalid artifacts: artifact location is required for artifact type S3");
  checkVariables(settings.environment?.environmentVariables);
  const limit = settings.concurrentBuildLimit as number | undefined;
  if (limit !== undefined && limit < 1)
    throw invalidInput("Project-level concurrent build limit should be greater than 0");
  if (limit !== undefined && limit > ACCOUNT_CONCURRENT_BUILDS) {
    throw new AwsError(
      "AccountLimitExceededException",
      `Project-level concurrent build limit cannot exceed the account-level concurrent build limit of ${ACCOUNT_CONCURRENT_BUILDS}.`,
    );
  }
}

/** The service role must be one of this account that lets CodeBuild have it. */
export function checkRole(cloud: Cloud, projectArn: string, role: string): void {
  if (!role.startsWith(`arn:aws:iam::${cloud.accountId}:role/`))
    throw invalidInput("Invalid service role: Service role account ID does not match caller's account");
  try {
    cloud.internals.assume(role, CODEBUILD_PRINCIPAL, "AWSCodeBuild", projectArn);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalidInput(`CodeBuild is not authorized to perform: sts:AssumeRole on ${role}`);
  }
}

export function checkSource(source: Members): void {
  const { type, location, buildspec } = source as { type: string; location?: string; buildspec?: string };
  if (type === "NO_SOURCE") {
    if (location) throw invalidInput("Invalid project source: location must be null for source type NO_SOURCE");
    if (!buildspec || !isInline(buildspec))
      throw invalidInput("Invalid project source: source type NO_SOURCE needs a buildspec that is given inline");
  } else if (type !== "CODEPIPELINE" && !location) throw invalidInput("Project source location is required");
  if (type === "S3" && !/^(arn:aws:s3:::)?[^/]+\/.+$/.test(location!))
    throw invalidInput(
      `Invalid project source: location must be a valid S3 source of the form bucket/key, not ${location}`,
    );
}

export function checkVariables(variables: readonly Members[] | undefined): void {
  const names = (variables ?? []).map(({ name }) => String(name));
  const wrong = names.find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (wrong !== undefined) throw invalidInput(`Invalid environment variable name: ${wrong}`);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw invalidInput(`Duplicate environment variable: ${twice}`);
}

/**
 * What the local cloud cannot do for a build, told when it is started: a project may exist with it, since a build can
 * override it. @throws InvalidInputException.
 */
export function checkRunnable(build: { source: Members; environment: Members; settings: Members }): void {
  const { source, environment, settings } = build;
  const cannot = (what: string): AwsError => invalidInput(`The local cloud ${what}`);
  if (!["S3", "NO_SOURCE"].includes(source.type))
    throw cannot(
      `builds from sources of type S3 and NO_SOURCE, not ${source.type}. Override sourceTypeOverride and sourceLocationOverride, or put the source into S3.`,
    );
  if (source.type === "S3" && String(source.location).endsWith("/"))
    throw cannot("takes an S3 source as one ZIP archive, not as a folder.");
  if (settings.artifacts?.type !== "NO_ARTIFACTS" || settings.secondaryArtifacts?.length)
    throw cannot(
      `uploads no artifacts: use artifacts of type NO_ARTIFACTS (artifactsOverride) and let a command copy what is to be kept.`,
    );
  if (settings.secondarySources?.length) throw cannot("fetches no secondary sources.");
  if (/WINDOWS|MAC_/.test(environment.type))
    throw cannot(`runs builds of Linux environments, not ${environment.type}.`);
  const secret = ((environment.environmentVariables ?? []) as Members[]).find(({ type }) => type === "SECRETS_MANAGER");
  if (secret)
    throw cannot(`reads variables of type PLAINTEXT and PARAMETER_STORE, not SECRETS_MANAGER (${secret.name}).`);
}
