import type * as aws from "@pulumi/aws";
import type { Input } from "@pulumi/pulumi";
import { userPrefix, withoutSlash } from "../../contract/places";
import type { Scope } from "../scope";
import { sharedOutputs } from "../settings/people";
import type { StudioPerson, StudioRole } from "../settings/studio";

type UserSettings = aws.types.input.sagemaker.DomainDefaultUserSettings;

/** Ways around a private space that is shut down when idle, and services that are billed on their own. */
const hiddenAppTypes = ["Canvas", "RStudioServerPro", "RSessionGateway", "JupyterServer", "KernelGateway"];

/** People with a profile: data scientists work in development only, so elsewhere they have none. */
export function profilesOf({ environment, settings: { studio } }: Scope): readonly StudioPerson[] {
  return environment === "dev" ? studio.people : studio.people.filter(({ role }) => role !== "data-scientist");
}

/** The role that a profile's apps run with. */
export function studioRoleName(role: StudioRole): `studio-${StudioRole}` {
  return `studio-${role}`;
}

/** Whoever has no role of his own gets the least there is. */
export function fallbackRole({ environment }: Scope): StudioRole {
  return environment === "dev" ? "data-scientist" : "ml-engineer";
}

/** What every profile inherits: small apps that shut down when idle, with our libraries, without shared outputs. */
export function userSettings(
  scope: Scope,
  made: {
    readonly executionRole: Input<string>;
    readonly lifecycleConfigArn: Input<string>;
    readonly keyArn: Input<string>;
    readonly securityGroups?: Input<string[]>;
  },
): UserSettings {
  const { studio } = scope.settings;
  const resources = { instanceType: studio.instanceType };
  return {
    executionRole: made.executionRole,
    ...(made.securityGroups ? { securityGroups: made.securityGroups } : {}),
    studioWebPortal: "ENABLED",
    defaultLandingUri: "studio::",
    jupyterLabAppSettings: {
      defaultResourceSpec: { ...resources, lifecycleConfigArn: made.lifecycleConfigArn },
      lifecycleConfigArns: [made.lifecycleConfigArn],
      appLifecycleManagement: idleShutdown(studio.idleMinutes),
    },
    codeEditorAppSettings: { defaultResourceSpec: resources, appLifecycleManagement: idleShutdown(studio.idleMinutes) },
    sharingSettings: studio.shareOutputs
      ? {
          notebookOutputOption: "Allowed",
          s3OutputPath: `s3://${scope.artifactsBucket}/${withoutSlash(userPrefix(sharedOutputs))}`,
          s3KmsKeyId: made.keyArn,
        }
      : { notebookOutputOption: "Disabled" },
    spaceStorageSettings: {
      defaultEbsStorageSettings: {
        defaultEbsVolumeSizeInGb: studio.spaceGb,
        maximumEbsVolumeSizeInGb: Math.max(studio.spaceGb, 100),
      },
    },
    studioWebPortalSettings: { hiddenAppTypes },
  };
}

/** Nobody can put the shutdown off beyond what the settings say. */
function idleShutdown(minutes: number): {
  idleSettings: aws.types.input.sagemaker.DomainDefaultUserSettingsJupyterLabAppSettingsAppLifecycleManagementIdleSettings;
} {
  return {
    idleSettings: {
      lifecycleManagement: "ENABLED",
      idleTimeoutInMinutes: minutes,
      minIdleTimeoutInMinutes: 60,
      maxIdleTimeoutInMinutes: minutes,
    },
  };
}

/**
 * Audit: what an app does carries the profile's name in CloudTrail (`sourceIdentity`). Only without running apps can it
 * be changed.
 */
export function domainSettings(
  { settings: { studio } }: Scope,
  securityGroupIds?: Input<string[]>,
): aws.types.input.sagemaker.DomainDomainSettings {
  return {
    executionRoleIdentityConfig: "USER_PROFILE_NAME",
    dockerSettings: { enableDockerAccess: studio.docker ? "ENABLED" : "DISABLED" },
    ...(securityGroupIds ? { securityGroupIds } : {}),
  };
}

/** A private space with a disk of its own, for JupyterLab. */
export function spaceSettings(
  { settings: { studio } }: Scope,
  lifecycleConfigArn: Input<string>,
): aws.types.input.sagemaker.SpaceSpaceSettings {
  return {
    appType: "JupyterLab",
    jupyterLabAppSettings: {
      defaultResourceSpec: { instanceType: studio.instanceType, lifecycleConfigArn },
      appLifecycleManagement: { idleSettings: { idleTimeoutInMinutes: studio.idleMinutes } },
    },
    spaceStorageSettings: { ebsStorageSettings: { ebsVolumeSizeInGb: studio.spaceGb } },
  };
}
