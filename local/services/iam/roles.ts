import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import { uniqueId } from "../../iam/ids";
import { hasLinkedRole, linkedRoleName } from "../../iam/linked-roles";
import { iamRecords, type RoleRecord } from "../../iam/records";
import { alreadyExists, deleteConflict, invalidInput, listed, roleShape, tagsFrom, underPath } from "./answers";
import { checkAttachable, checkBare, checkNameFree, find } from "./holders";
import { checkTags, checkTrustPolicy } from "./limits";
import { leaveTrustPolicies } from "./trust";

/** Roles and their trust policies. */
export function roleOperations(cloud: Cloud): Record<string, Handler> {
  const records = iamRecords(cloud);
  const get = (input: Members): RoleRecord => find(records.roles, "Role", input.RoleName);
  const change = (input: Members, changes: Partial<RoleRecord>): RoleRecord => {
    const role = get(input);
    if (role.linkedTo)
      throw new AwsError(
        "UnmodifiableEntity",
        `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS`,
      );
    const changed = { ...role, ...changes };
    records.roles.put(role.name, changed);
    return changed;
  };
  return {
    CreateRole: (input) => ({ Role: roleShape(createRole(cloud, input)) }),
    GetRole: (input) => ({ Role: roleShape(get(input)) }),
    ListRoles: (input) =>
      listed(
        "Roles",
        underPath(records.roles.values(), input.PathPrefix).map((role) => roleShape(role, false)),
        input,
      ),
    UpdateRole: (input) => {
      change(input, {
        ...(input.Description !== undefined && { description: String(input.Description) }),
        ...(input.MaxSessionDuration !== undefined && { maxSessionSeconds: Number(input.MaxSessionDuration) }),
      });
    },
    UpdateRoleDescription: (input) => ({ Role: roleShape(change(input, { description: String(input.Description) })) }),
    UpdateAssumeRolePolicy: (input) => {
      get(input);
      checkTrustPolicy(String(input.PolicyDocument), records, cloud.accountId);
      change(input, { trust: String(input.PolicyDocument) });
    },
    DeleteRole: (input) => {
      const role = get(input);
      for (const profile of records.instanceProfiles.values()) {
        if (profile.roles.includes(role.name))
          throw deleteConflict("Cannot delete entity, must remove roles from instance profile first.");
      }
      checkBare(role);
      records.roles.delete(role.name);
      leaveTrustPolicies(records, role);
    },
    ...serviceLinkedOperations(cloud),
  };
}

function createRole(cloud: Cloud, input: Members): RoleRecord {
  const records = iamRecords(cloud);
  const name = String(input.RoleName);
  const path = String(input.Path ?? "/");
  checkNameFree(records.roles, "Role", name);
  checkTrustPolicy(String(input.AssumeRolePolicyDocument), records, cloud.accountId);
  const tags = tagsFrom(input.Tags);
  checkTags(tags, "Role");
  const role: RoleRecord = {
    name,
    path,
    arn: `arn:aws:iam::${cloud.accountId}:role${path}${name}`,
    id: uniqueId("AROA"),
    createdMs: cloud.clock.nowMs(),
    trust: String(input.AssumeRolePolicyDocument),
    maxSessionSeconds: Number(input.MaxSessionDuration ?? 3600),
    inline: {},
    attached: [],
    tags,
    ...(input.Description !== undefined && { description: String(input.Description) }),
    ...(input.PermissionsBoundary !== undefined && { boundary: checkAttachable(records, input.PermissionsBoundary) }),
  };
  records.roles.put(name, role);
  return role;
}

function makeLinkedRole(cloud: Cloud, service: string, name: string, description?: string): RoleRecord {
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  };
  const role = createRole(cloud, {
    RoleName: name,
    Path: `/aws-service-role/${service}/`,
    AssumeRolePolicyDocument: JSON.stringify(trust),
    Description: description,
  });
  const linked = { ...role, linkedTo: service };
  iamRecords(cloud).roles.put(name, linked);
  return linked;
}

/**
 * Makes a service's linked role where it is missing, as services do at the first thing that needs it; that the caller
 * may was asked before.
 */
export function ensureLinkedRole(cloud: Cloud, service: string): void {
  if (!hasLinkedRole(cloud, service)) makeLinkedRole(cloud, service, linkedRoleName(service));
}

/** Service-linked roles: AWS makes their names and trust policies. */
function serviceLinkedOperations(cloud: Cloud): Record<string, Handler> {
  const records = iamRecords(cloud);
  return {
    CreateServiceLinkedRole: (input) => {
      const service = String(input.AWSServiceName);
      if (!/^[a-z0-9.-]+\.amazonaws\.com$/.test(service))
        throw invalidInput(`Service role name ${service} is not valid.`);
      const name = linkedRoleName(service) + (input.CustomSuffix === undefined ? "" : `_${String(input.CustomSuffix)}`);
      if (records.roles.has(name))
        throw new AwsError(
          "InvalidInput",
          `Service role name ${name} has been taken in this account, please try a different suffix.`,
        );
      return { Role: roleShape(makeLinkedRole(cloud, service, name, input.Description)) };
    },
    DeleteServiceLinkedRole: (input) => {
      const role = find(records.roles, "Role", input.RoleName);
      if (!role.linkedTo) throw alreadyExists(`Role ${role.name} is not a service-linked role.`);
      records.roles.delete(role.name);
      return { DeletionTaskId: `task${role.path}${role.name}/${cloud.clock.nowMs().toFixed(0)}` };
    },
    GetServiceLinkedRoleDeletionStatus: () => ({ Status: "SUCCEEDED" }),
  };
}
