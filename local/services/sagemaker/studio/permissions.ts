import type { Call, Requirement } from "../../../call";
import type { Members } from "../../../members";
import { addTagsRequirement, tagContext } from "../tags";
import { appKey } from "./apps";
import type { StudioKind, StudioStore } from "./store";

type Context = Record<string, string | readonly string[]>;
type Rule = (input: Members, call: Call) => Requirement[];

/** What Studio's operations require, after the Service Authorization Reference of SageMaker. */
export function studioPermissions(store: StudioStore): Record<string, Rule> {
  const on = (
    kind: StudioKind,
    key: (input: Members) => string,
    context: (input: Members) => Context = () => ({}),
  ): Rule => {
    return (input, call) => [
      {
        action: `sagemaker:${call.operation}`,
        resource: store.arn(kind, key(input)),
        context: { ...sessionContext(call), ...context(input) },
      },
    ];
  };
  const create = (kind: StudioKind, key: (input: Members) => string, context: (input: Members) => Context): Rule => {
    return (input, call) => {
      const resource = store.arn(kind, key(input));
      return [
        {
          action: `sagemaker:${call.operation}`,
          resource,
          context: { ...tagContext(input.Tags), ...sessionContext(call), ...context(input) },
        },
        ...rolesIn(input).map((role) => ({
          action: "iam:PassRole",
          resource: role,
          context: { "iam:PassedToService": "sagemaker.amazonaws.com" },
        })),
        ...addTagsRequirement(resource, input.Tags, call),
      ];
    };
  };
  const anywhere: Rule = (_input, call) => [{ action: `sagemaker:${call.operation}`, resource: "*" }];
  const domain = (input: Members): string => input.DomainId ?? "*";
  const profile = (input: Members): string => `${input.DomainId}/${input.UserProfileName}`;
  const space = (input: Members): string => `${input.DomainId}/${input.SpaceName}`;
  const config = (input: Members): string => input.StudioLifecycleConfigName;
  const ownSpace = (input: Members): Context => spaceContext(store, input);
  return {
    CreateDomain: create("domain", domain, (input) => ({ ...settingsContext(input), ...networkContext(input) })),
    DescribeDomain: on("domain", domain),
    UpdateDomain: create("domain", domain, (input) => ({ ...settingsContext(input), ...networkContext(input) })),
    DeleteDomain: on("domain", domain),
    ListDomains: anywhere,
    CreatePresignedDomainUrl: on("user-profile", profile),
    CreateUserProfile: create("user-profile", profile, settingsContext),
    DescribeUserProfile: on("user-profile", profile),
    UpdateUserProfile: create("user-profile", profile, settingsContext),
    DeleteUserProfile: on("user-profile", profile),
    ListUserProfiles: anywhere,
    CreateSpace: create("space", space, (input) => ({ ...settingsContext(input), ...ownSpace(input) })),
    DescribeSpace: on("space", space, ownSpace),
    UpdateSpace: create("space", space, (input) => ({ ...settingsContext(input), ...ownSpace(input) })),
    DeleteSpace: on("space", space, ownSpace),
    ListSpaces: anywhere,
    CreateApp: create("app", appKey, (input) => ({ ...settingsContext(input), ...ownSpace(input) })),
    DescribeApp: on("app", appKey),
    DeleteApp: on("app", appKey, ownSpace),
    ListApps: anywhere,
    CreateStudioLifecycleConfig: create("studio-lifecycle-config", config, () => ({})),
    DescribeStudioLifecycleConfig: on("studio-lifecycle-config", config),
    DeleteStudioLifecycleConfig: on("studio-lifecycle-config", config),
    ListStudioLifecycleConfigs: anywhere,
  };
}

/** The owner's profile and how the space is shared: from the request that makes a space, else from the space. */
function spaceContext(store: StudioStore, input: Members): Context {
  const known = input.SpaceName ? store.find("space", `${input.DomainId}/${input.SpaceName}`)?.given : undefined;
  const owner =
    input.OwnershipSettings?.OwnerUserProfileName ??
    known?.OwnershipSettings?.OwnerUserProfileName ??
    input.UserProfileName;
  const sharing = input.SpaceSharingSettings?.SharingType ?? known?.SpaceSharingSettings?.SharingType;
  return {
    ...(owner ? { "sagemaker:OwnerUserProfileArn": store.arn("user-profile", `${input.DomainId}/${owner}`) } : {}),
    ...(sharing ? { "sagemaker:SpaceSharingType": String(sharing) } : {}),
  };
}

/** Whose Studio the caller works in (SageMaker developer guide, "Studio spaces: permissions"). */
function sessionContext({ principal: { studio } }: Call): Context {
  return studio ? { "sagemaker:DomainId": studio.domainId, "sagemaker:UserProfileName": studio.userProfileName } : {};
}

function networkContext(input: Members): Context {
  return {
    ...(input.SubnetIds?.length ? { "sagemaker:VpcSubnets": input.SubnetIds } : {}),
    ...(input.DefaultUserSettings?.SecurityGroups?.length
      ? { "sagemaker:VpcSecurityGroupIds": input.DefaultUserSettings.SecurityGroups }
      : {}),
    ...(input.AppNetworkAccessType ? { "sagemaker:AppNetworkAccessType": input.AppNetworkAccessType } : {}),
  };
}

/** Instance types, images and lifecycle configurations, wherever in the settings they are named. */
function settingsContext(input: Members): Context {
  const found = (member: RegExp): string[] => [...new Set(valuesOf(input, member))];
  const keys = {
    "sagemaker:InstanceTypes": found(/^InstanceType$/),
    "sagemaker:ImageArns": found(/^SageMakerImageArn$/),
    "sagemaker:StudioLifecycleConfigArns": found(/^LifecycleConfigArns?$/),
  };
  return Object.fromEntries(Object.entries(keys).filter(([, values]) => values.length > 0));
}

function rolesIn(input: Members): string[] {
  return [...new Set(valuesOf(input, /^ExecutionRole$/))];
}

function valuesOf(value: unknown, member: RegExp): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesOf(item, member));
  if (value === null || typeof value !== "object" || value instanceof Date) return [];
  return Object.entries(value).flatMap(([name, held]) =>
    member.test(name) ? [held].flat().filter((one): one is string => typeof one === "string") : valuesOf(held, member),
  );
}
