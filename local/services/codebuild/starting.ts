import { randomUUID } from "node:crypto";
import type { Call } from "../../call";
import type { Members } from "../../members";
import { AwsError } from "../../errors";
import type { Principal } from "../../iam/principal";
import { checkRole, checkRunnable, checkSource, checkVariables } from "./checks";
import type { BuildRecord, BuildStore, ProjectRecord, Variable } from "./records";

/** Settings of a project that a build only gives back. */
const RECORDED = ["cache", "vpcConfig", "encryptionKey", "fileSystemLocations", "secondarySourceVersions"] as const;

/** The project's settings with what StartBuild overrides. @throws InvalidInputException. */
function effective(settings: Members, input: Members): { source: Members; environment: Members; settings: Members } {
  const over = (member: string, value: unknown): Members => (value === undefined ? {} : { [member]: value });
  const source = {
    ...settings.source,
    ...over("type", input.sourceTypeOverride),
    ...over("location", input.sourceLocationOverride),
    ...over("auth", input.sourceAuthOverride),
    ...over("buildspec", input.buildspecOverride),
    ...over("insecureSsl", input.insecureSslOverride),
    ...over("gitCloneDepth", input.gitCloneDepthOverride),
    ...over("gitSubmodulesConfig", input.gitSubmodulesConfigOverride),
    ...over("reportBuildStatus", input.reportBuildStatusOverride),
    ...over("buildStatusConfig", input.buildStatusConfigOverride),
  } as Members;
  if (input.sourceTypeOverride === "NO_SOURCE") delete source.location;
  checkVariables(input.environmentVariablesOverride);
  const environment = {
    ...settings.environment,
    ...over("type", input.environmentTypeOverride),
    ...over("image", input.imageOverride),
    ...over("computeType", input.computeTypeOverride),
    ...over("certificate", input.certificateOverride),
    ...over("privilegedMode", input.privilegedModeOverride),
    ...over("registryCredential", input.registryCredentialOverride),
    ...over("imagePullCredentialsType", input.imagePullCredentialsTypeOverride),
    ...over("fleet", input.fleetOverride),
    ...over("hostKernel", input.hostKernelOverride),
    environmentVariables: merged(settings.environment.environmentVariables, input.environmentVariablesOverride),
  };
  const changed = {
    ...settings,
    ...over("artifacts", input.artifactsOverride),
    ...over("secondaryArtifacts", input.secondaryArtifactsOverride),
    ...over("secondarySources", input.secondarySourcesOverride),
    ...over("cache", input.cacheOverride),
    ...over("serviceRole", input.serviceRoleOverride),
    ...over("logsConfig", input.logsConfigOverride),
    ...over("encryptionKey", input.encryptionKeyOverride),
    ...over("timeoutInMinutes", input.timeoutInMinutesOverride),
    ...over("queuedTimeoutInMinutes", input.queuedTimeoutInMinutesOverride),
  };
  return { source, environment, settings: changed };
}

/** Variables of the project, replaced by those of the same name and followed by the others. */
function merged(project: readonly Variable[], overrides: readonly Variable[] | undefined): Variable[] {
  const given = new Map(
    (overrides ?? []).map((variable): [string, Variable] => [
      variable.name,
      { ...variable, type: variable.type ?? "PLAINTEXT" },
    ]),
  );
  const own = project.map((variable) => given.get(variable.name) ?? variable);
  return [...own, ...[...given.values()].filter(({ name }) => !project.some((variable) => variable.name === name))];
}

/** A new build of a project, as yet only submitted. @throws InvalidInputException for what cannot be built. */
export function submit(store: BuildStore, project: ProjectRecord, input: Members, call: Call): BuildRecord {
  const { source, environment, settings } = effective(project.settings, input);
  checkSource(source);
  if (input.serviceRoleOverride !== undefined) checkRole(store.cloud, project.arn, settings.serviceRole);
  checkRunnable({ source, environment, settings });
  if (input.debugSessionEnabled) throw new AwsError("InvalidInputException", "The local cloud has no debug sessions.");
  const uuid = randomUUID();
  const number = project.builds + 1;
  const now = call.now.getTime();
  store.projects.put(project.name, { ...project, builds: number });
  const id = `${project.name}:${uuid}`;
  const cloudWatch = settings.logsConfig?.cloudWatchLogs as Members | undefined;
  const version = (input.sourceVersion ?? settings.sourceVersion) as string | undefined;
  const stream = cloudWatch?.streamName ? `${cloudWatch.streamName}/${uuid}` : uuid;
  return {
    id,
    arn: store.cloud.arn("codebuild", `build/${id}`),
    project: project.name,
    number,
    status: "IN_PROGRESS",
    startMs: now,
    initiator: initiator(call.principal),
    phases: [],
    serviceRole: settings.serviceRole,
    source,
    ...(version ? { sourceVersion: version, ...(source.type === "S3" ? { resolvedSourceVersion: version } : {}) } : {}),
    environment,
    variables: environment.environmentVariables,
    ...(cloudWatch?.status === "DISABLED"
      ? {}
      : { logs: { group: cloudWatch?.groupName || `/aws/codebuild/${project.name}`, stream } }),
    timeoutMinutes: settings.timeoutInMinutes,
    queuedTimeoutMinutes: settings.queuedTimeoutInMinutes,
    concurrentBuildLimit: settings.concurrentBuildLimit,
    exported: [],
    recorded: Object.fromEntries(
      RECORDED.flatMap((member) => (settings[member] === undefined ? [] : [[member, settings[member]]])),
    ),
    request: input,
  };
}

/** A user's name, or `Role/session` (CodeBuild API, `initiator`). */
function initiator(principal: Principal): string {
  if (principal.type === "root") return "root";
  const resource = principal.arn.split(":").slice(5).join(":");
  return resource.replace(/^assumed-role\//, "").replace(/^user\/(?:.*\/)?/, "") || principal.arn;
}
