import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";

/**
 * Account of AWS's Deep Learning Containers, whose PyTorch image ours builds on (in most regions; others are listed in
 * AWS's README of the images).
 */
export const baseImageAccount = "763104351884";

/** Log group of image builds, by CodeBuild's convention. */
export function imageBuildLogGroup({ imageProject }: Scope): string {
  return `/aws/codebuild/${imageProject}`;
}

/** Log group of release builds. */
export function releaseLogGroup({ releaseProject }: Scope): string {
  return `/aws/codebuild/${releaseProject}`;
}

/**
 * Starts builds that are what their project says: the given variables may be set, and nothing else of a build. (A
 * source's version has no condition key: `sourceVersion` chooses among what the administrator laid down.)
 */
export function startBuilds(sid: string, { arns }: Scope, project: string, variables: readonly string[]): Statement {
  const overrides = [
    "source",
    "source.buildspec",
    "source.location",
    "secondarySources",
    "artifacts",
    "secondaryArtifacts",
    "serviceRole",
    "cache",
    "encryptionKey",
    "logsConfig",
    ...[
      "certificate",
      "computeType",
      "fleet.fleetArn",
      "image",
      "imagePullCredentialsType",
      "privilegedMode",
      "registryCredential",
      "type",
    ].map((member) => `environment.${member}`),
  ];
  return allow(sid, ["codebuild:StartBuild"], [arns.buildProject(project)], {
    Null: Object.fromEntries(overrides.map((key) => [`codebuild:${key}`, "true"])),
    "ForAllValues:StringEquals": { "codebuild:environment.environmentVariables.name": variables },
  });
}

/** Writes the build's own log. */
export function writeBuildLog({ arns }: Scope, group: string): Statement[] {
  return [
    allow(
      "WriteBuildLog",
      [
        // The group is the program's; CodeBuild makes a stream for each build.
        "logs:CreateLogStream",
        "logs:PutLogEvents",
      ],
      [arns.logGroup(`${group}:*`)],
    ),
  ];
}
