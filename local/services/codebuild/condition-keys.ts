import type { Members } from "../../members";
import { given, type Context } from "../../iam/permissions/requirements";

/**
 * CodeBuild's condition keys (Service Authorization Reference; CodeBuild User Guide, "AWS CodeBuild condition keys"). A
 * request has a key when it names the member, whatever the project holds: that is how a policy denies overrides,
 * `"Null": {"codebuild:source.buildspec": "false"}`. Keys of sections and of buildspecs say only that something is
 * there. StartBuild's overrides fill the keys of the members that they override.
 *
 * There are no keys for `sourceVersion`, `sourceTypeOverride`, time-outs, `gitCloneDepthOverride` and
 * `debugSessionEnabled`; that a type alone counts as the section `codebuild:source` is believed, and `sourceVersion` is
 * believed to count as nothing.
 */
export function projectContext(project: Members): Context {
  const { source, environment, artifacts, cache, logsConfig, vpcConfig, buildBatchConfig } = project as Record<
    string,
    Members | undefined
  >;
  const secondarySources = (project.secondarySources ?? []) as Members[];
  const secondaryArtifacts = (project.secondaryArtifacts ?? []) as Members[];
  const fileSystems = (project.fileSystemLocations ?? []) as Members[];
  return present({
    ...sourceKeys("source", source),
    ...listKeys("secondarySources", "sourceIdentifier", secondarySources, (prefix, one) => sourceKeys(prefix, one)),
    "secondarySources.buildspec": secondarySources.some(({ buildspec }) => buildspec !== undefined) || undefined,
    ...artifactKeys("artifacts", artifacts),
    ...listKeys("secondaryArtifacts", "artifactIdentifier", secondaryArtifacts, (prefix, one) =>
      artifactKeys(prefix, one),
    ),
    ...environmentKeys(environment),
    cache: there(cache),
    "cache.type": cache?.type,
    "cache.location": cache?.location,
    "cache.modes": cache?.modes,
    logsConfig: there(logsConfig),
    "logsConfig.s3Logs": there(logsConfig?.s3Logs),
    "logsConfig.s3Logs.status": logsConfig?.s3Logs?.status,
    "logsConfig.s3Logs.location": logsConfig?.s3Logs?.location,
    "logsConfig.s3Logs.encryptionDisabled": logsConfig?.s3Logs?.encryptionDisabled,
    "logsConfig.s3Logs.bucketOwnerAccess": logsConfig?.s3Logs?.bucketOwnerAccess,
    vpcConfig: there(vpcConfig),
    "vpcConfig.vpcId": vpcConfig?.vpcId,
    "vpcConfig.subnets": vpcConfig?.subnets,
    "vpcConfig.securityGroupIds": vpcConfig?.securityGroupIds,
    buildBatchConfig: there(buildBatchConfig),
    "buildBatchConfig.serviceRole": buildBatchConfig?.serviceRole,
    "buildBatchConfig.restrictions.computeTypesAllowed": buildBatchConfig?.restrictions?.computeTypesAllowed,
    "buildBatchConfig.restrictions.fleetsAllowed": buildBatchConfig?.restrictions?.fleetsAllowed,
    ...perElement("fileSystemLocations", "identifier", fileSystems, ["location", "type"]),
    "fileSystemLocations.identifier": fileSystems.flatMap(({ identifier }) => (identifier as string | undefined) ?? []),
    serviceRole: project.serviceRole,
    encryptionKey: project.encryptionKey,
    concurrentBuildLimit: project.concurrentBuildLimit,
    autoRetryLimit: project.autoRetryLimit,
  });
}

/** The keys of StartBuild: its overrides in the places of what they override. */
export function overrideContext(input: Members): Context {
  return projectContext({
    source: named({
      type: input.sourceTypeOverride,
      location: input.sourceLocationOverride,
      auth: input.sourceAuthOverride,
      buildspec: input.buildspecOverride,
      insecureSsl: input.insecureSslOverride,
      buildStatusConfig: input.buildStatusConfigOverride,
    }),
    secondarySources: input.secondarySourcesOverride,
    artifacts: input.artifactsOverride,
    secondaryArtifacts: input.secondaryArtifactsOverride,
    environment: named({
      type: input.environmentTypeOverride,
      image: input.imageOverride,
      computeType: input.computeTypeOverride,
      certificate: input.certificateOverride,
      privilegedMode: input.privilegedModeOverride,
      registryCredential: input.registryCredentialOverride,
      imagePullCredentialsType: input.imagePullCredentialsTypeOverride,
      fleet: input.fleetOverride,
      environmentVariables: input.environmentVariablesOverride,
    }),
    cache: input.cacheOverride,
    logsConfig: input.logsConfigOverride,
    serviceRole: input.serviceRoleOverride,
    encryptionKey: input.encryptionKeyOverride,
    autoRetryLimit: input.autoRetryLimitOverride,
  });
}

function sourceKeys(prefix: string, source: Members | undefined): Members {
  return {
    [prefix]: there(source),
    [`${prefix}.location`]: source?.location,
    [`${prefix}.auth.type`]: source?.auth?.type,
    [`${prefix}.auth.resource`]: source?.auth?.resource,
    [`${prefix}.buildspec`]: there(source?.buildspec),
    [`${prefix}.insecureSsl`]: source?.insecureSsl,
    [`${prefix}.buildStatusConfig.context`]: source?.buildStatusConfig?.context,
    [`${prefix}.buildStatusConfig.targetUrl`]: source?.buildStatusConfig?.targetUrl,
  };
}

function artifactKeys(prefix: string, artifacts: Members | undefined): Members {
  return {
    [prefix]: there(artifacts),
    [`${prefix}.location`]: artifacts?.location,
    [`${prefix}.encryptionDisabled`]: artifacts?.encryptionDisabled,
    [`${prefix}.bucketOwnerAccess`]: artifacts?.bucketOwnerAccess,
  };
}

function environmentKeys(environment: Members | undefined): Members {
  const { computeConfiguration: compute, registryCredential: credential } = environment ?? {};
  const variables = (environment?.environmentVariables ?? []) as Members[];
  return {
    environment: there(environment),
    "environment.type": environment?.type,
    "environment.image": environment?.image,
    "environment.computeType": environment?.computeType,
    "environment.certificate": environment?.certificate,
    "environment.privilegedMode": environment?.privilegedMode,
    "environment.imagePullCredentialsType": environment?.imagePullCredentialsType,
    "environment.fleet.fleetArn": environment?.fleet?.fleetArn,
    "environment.registryCredential": there(credential),
    "environment.registryCredential.credential": credential?.credential,
    "environment.registryCredential.credentialProvider": credential?.credentialProvider,
    "environment.computeConfiguration": there(compute),
    ...Object.fromEntries(
      ["disk", "instanceType", "machineType", "memory", "vCpu"].map((member) => [
        `environment.computeConfiguration.${member}`,
        compute?.[member],
      ]),
    ),
    "environment.environmentVariables": there(environment?.environmentVariables),
    "environment.environmentVariables.name": variables.map(({ name }) => String(name)),
    "environment.environmentVariables.value": variables.map(({ value }) => String(value)),
    ...perElement("environment.environmentVariables", "name", variables, ["value"]),
  };
}

/**
 * Keys of all elements of a list together (`secondarySources.location`) and of each by its identifier
 * (`secondarySources/docs.location`).
 */
function listKeys(
  list: string,
  identifier: string,
  elements: readonly Members[],
  keysOf: (prefix: string, element: Members) => Members,
): Members {
  const together: Record<string, unknown[]> = {};
  for (const element of elements)
    for (const [key, value] of Object.entries(keysOf(list, element)))
      if (key !== list && value !== undefined) (together[key] ??= []).push(value);
  const apart = elements.flatMap((element) =>
    Object.entries(keysOf(`${list}/${element[identifier]}`, element)).filter(
      ([key]) => key !== `${list}/${element[identifier]}`,
    ),
  );
  return {
    [list]: elements.length > 0 || undefined,
    [`${list}.${identifier}`]: elements.flatMap((element) => (element[identifier] as string | undefined) ?? []),
    ...together,
    ...Object.fromEntries(apart),
  };
}

function perElement(
  list: string,
  identifier: string,
  elements: readonly Members[],
  members: readonly string[],
): Members {
  return Object.fromEntries(
    members.flatMap((member) => [
      ...(identifier === "name"
        ? []
        : [
            [
              `${list}.${member}`,
              elements.flatMap((element) => (element[member] as string | undefined) ?? []),
            ] as const,
          ]),
      ...elements.map((element) => [`${list}/${element[identifier]}.${member}`, element[member]] as const),
    ]),
  );
}

/** `true` for a key that tells presence. */
function there(value: unknown): true | undefined {
  return value === undefined ? undefined : true;
}

/** A section, where any of its members is given. */
function named(section: Members): Members | undefined {
  return Object.values(section).some((value) => value !== undefined) ? section : undefined;
}

function present(keys: Members): Context {
  const kept = Object.entries(keys).filter(([, value]) => !(Array.isArray(value) && value.length === 0));
  return given(Object.fromEntries(kept.map(([key, value]) => [`codebuild:${key}`, value as unknown])));
}
