import type { Call, Requirement } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Service } from "../../service";
import { iamRecords, type PolicyHolder } from "../../iam/records";
import { userNameOf } from "./users";

type Context = Record<string, string | readonly string[]>;
type Permission = (input: Members, call: Call) => Requirement[];

/**
 * What IAM operations require: the action of the same name on the role, user, policy, ... it is about, with IAM's
 * condition keys.
 */
export function createPermissions(cloud: Cloud): NonNullable<Service["permissions"]> {
  const records = iamRecords(cloud);
  const arn = (kind: string, path: unknown, name: unknown): string =>
    `arn:aws:iam::${cloud.accountId}:${kind}${String(path ?? "/")}${String(name)}`;
  const on = (operation: string, resource: string, context?: Context): Requirement => ({
    action: `iam:${operation}`,
    resource,
    ...(context && { context }),
  });
  const table: Record<string, Permission> = {};
  const add = (operations: string, make: (operation: string) => Permission): void => {
    for (const operation of operations.split(" ")) table[operation] = make(operation);
  };

  /** Keys are there only for the actions that have them (service authorization reference of IAM). */
  const boundaryContext = (operation: string, holder: PolicyHolder | undefined, input: Members): Context => {
    const has = /^(Create(Role|User)$|(Put|Delete|Attach|Detach)(Role|User)(Policy|PermissionsBoundary)$)/.test(
      operation,
    );
    const boundary: unknown = has ? (input.PermissionsBoundary ?? holder?.boundary) : undefined;
    return {
      ...(boundary !== undefined && { "iam:PermissionsBoundary": String(boundary) }),
      ...(input.PolicyArn !== undefined && { "iam:PolicyARN": String(input.PolicyArn) }),
    };
  };
  /** Creating with tags also needs the permission to tag. */
  const withTags = (kind: string, input: Members, requirement: Requirement): Requirement[] =>
    (input.Tags as unknown[] | undefined)?.length
      ? [requirement, on(`Tag${kind}`, requirement.resource)]
      : [requirement];

  // Lists are asked of their path: `role/` (seen in AWS's own denials).
  for (const [operation, kind] of [
    ["ListRoles", "role"],
    ["ListUsers", "user"],
    ["ListGroups", "group"],
    ["ListInstanceProfiles", "instance-profile"],
  ] as const) {
    table[operation] = (input) => [on(operation, arn(kind, input.PathPrefix, ""))];
  }

  const role =
    (operation: string): Permission =>
    (input) => {
      const known = records.roles.get(String(input.RoleName));
      return [
        on(operation, known?.arn ?? arn("role", input.Path, input.RoleName), boundaryContext(operation, known, input)),
      ];
    };
  add(
    "GetRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy DeleteRole DeleteServiceLinkedRole TagRole UntagRole ListRoleTags",
    role,
  );
  add(
    "PutRolePolicy GetRolePolicy DeleteRolePolicy ListRolePolicies AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies",
    role,
  );
  add("PutRolePermissionsBoundary DeleteRolePermissionsBoundary ListInstanceProfilesForRole", role);
  table.CreateRole = (input, call) => withTags("Role", input, role("CreateRole")(input, call)[0]!);
  table.CreateServiceLinkedRole = (input) => [
    on("CreateServiceLinkedRole", arn("role", `/aws-service-role/${String(input.AWSServiceName)}/`, "*"), {
      "iam:AWSServiceName": String(input.AWSServiceName),
    }),
  ];

  const user =
    (operation: string): Permission =>
    (input, call) => {
      const name = userNameOf(input, call);
      const known = records.users.get(name);
      return [on(operation, known?.arn ?? arn("user", input.Path, name), boundaryContext(operation, known, input))];
    };
  add("GetUser UpdateUser DeleteUser TagUser UntagUser ListUserTags ListGroupsForUser", user);
  add(
    "PutUserPolicy GetUserPolicy DeleteUserPolicy ListUserPolicies AttachUserPolicy DetachUserPolicy ListAttachedUserPolicies",
    user,
  );
  add(
    "PutUserPermissionsBoundary DeleteUserPermissionsBoundary CreateAccessKey ListAccessKeys UpdateAccessKey DeleteAccessKey",
    user,
  );
  table.CreateUser = (input, call) => withTags("User", input, user("CreateUser")(input, call)[0]!);
  table.GetAccessKeyLastUsed = (input) => [
    on("GetAccessKeyLastUsed", arn("user", "/", records.accessKeys.get(String(input.AccessKeyId))?.userName ?? "*")),
  ];

  const group =
    (operation: string): Permission =>
    (input) => [
      on(
        operation,
        records.groups.get(String(input.GroupName))?.arn ?? arn("group", input.Path, input.GroupName),
        boundaryContext(operation, undefined, input),
      ),
    ];
  add("CreateGroup GetGroup DeleteGroup AddUserToGroup RemoveUserFromGroup", group);
  add(
    "PutGroupPolicy GetGroupPolicy DeleteGroupPolicy ListGroupPolicies AttachGroupPolicy DetachGroupPolicy ListAttachedGroupPolicies",
    group,
  );

  add(
    "GetPolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion GetPolicyVersion ListPolicyVersions SetDefaultPolicyVersion ListEntitiesForPolicy TagPolicy UntagPolicy ListPolicyTags",
    (operation) => (input) => [on(operation, String(input.PolicyArn))],
  );
  table.CreatePolicy = (input) =>
    withTags("Policy", input, on("CreatePolicy", arn("policy", input.Path, input.PolicyName)));

  const provider =
    (operation: string): Permission =>
    (input) => [on(operation, String(input.OpenIDConnectProviderArn))];
  add(
    "GetOpenIDConnectProvider DeleteOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint AddClientIDToOpenIDConnectProvider",
    provider,
  );
  add(
    "RemoveClientIDFromOpenIDConnectProvider TagOpenIDConnectProvider UntagOpenIDConnectProvider ListOpenIDConnectProviderTags",
    provider,
  );
  table.CreateOpenIDConnectProvider = (input) =>
    withTags(
      "OpenIDConnectProvider",
      input,
      on("CreateOpenIDConnectProvider", arn("oidc-provider", "/", String(input.Url).replace(/^https:\/\/|\/$/g, ""))),
    );

  const profile =
    (operation: string): Permission =>
    (input) => [
      on(
        operation,
        records.instanceProfiles.get(String(input.InstanceProfileName))?.arn ??
          arn("instance-profile", input.Path, input.InstanceProfileName),
      ),
    ];
  add("GetInstanceProfile DeleteInstanceProfile RemoveRoleFromInstanceProfile", profile);
  table.CreateInstanceProfile = (input, call) =>
    withTags("InstanceProfile", input, profile("CreateInstanceProfile")(input, call)[0]!);
  table.AddRoleToInstanceProfile = (input, call) => [
    ...profile("AddRoleToInstanceProfile")(input, call),
    on("PassRole", records.roles.get(String(input.RoleName))?.arn ?? arn("role", "/", input.RoleName), {
      "iam:PassedToService": "ec2.amazonaws.com",
    }),
  ];

  // IAM checks lists against the path that is listed.
  for (const [operation, kind] of Object.entries({
    ListRoles: "role",
    ListUsers: "user",
    ListGroups: "group",
    ListInstanceProfiles: "instance-profile",
  })) {
    table[operation] = (input) => [on(operation, arn(kind, input.PathPrefix, ""))];
  }
  table.SimulatePrincipalPolicy = (input) => [on("SimulatePrincipalPolicy", String(input.PolicySourceArn))];
  return table;
}
