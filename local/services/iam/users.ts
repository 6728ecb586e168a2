import type { Call } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { uniqueId, secretKey } from "../../iam/ids";
import { iamRecords, type AccessKeyRecord, type GroupRecord, type UserRecord } from "../../iam/records";
import {
  deleteConflict,
  groupShape,
  limitExceeded,
  listed,
  noSuchEntity,
  tagsFrom,
  underPath,
  userShape,
} from "./answers";
import { checkAttachable, checkBare, checkNameFree, find } from "./holders";
import { checkTags, quotas } from "./limits";
import { leaveTrustPolicies, renameInTrustPolicies } from "./trust";

/** Users, groups and access keys. */
export function userOperations(cloud: Cloud): Record<string, Handler> {
  const records = iamRecords(cloud);
  const user = (input: Members, call: Call): UserRecord => find(records.users, "User", userNameOf(input, call));
  return {
    CreateUser: (input) => {
      const [name, path] = [String(input.UserName), String(input.Path ?? "/")];
      checkNameFree(records.users, "User", name);
      const tags = tagsFrom(input.Tags);
      checkTags(tags, "User");
      const created: UserRecord = {
        name,
        path,
        tags,
        arn: `arn:aws:iam::${cloud.accountId}:user${path}${name}`,
        id: uniqueId("AIDA"),
        createdMs: cloud.clock.nowMs(),
        inline: {},
        attached: [],
        groups: [],
        ...(input.PermissionsBoundary !== undefined && {
          boundary: checkAttachable(records, input.PermissionsBoundary),
        }),
      };
      records.users.put(name, created);
      return { User: userShape(created) };
    },
    GetUser: (input, call) => ({ User: userShape(user(input, call)) }),
    ListUsers: (input) =>
      listed(
        "Users",
        underPath(records.users.values(), input.PathPrefix).map((each) => userShape(each, false)),
        input,
      ),
    UpdateUser: (input, call) => {
      const old = user(input, call);
      const [name, path] = [String(input.NewUserName ?? old.name), String(input.NewPath ?? old.path)];
      if (name !== old.name) checkNameFree(records.users, "User", name);
      records.users.delete(old.name);
      const arn = `arn:aws:iam::${cloud.accountId}:user${path}${name}`;
      records.users.put(name, { ...old, name, path, arn });
      renameInTrustPolicies(records, old.arn, arn);
      for (const key of keysOf(cloud, old.name)) records.accessKeys.put(key.id, { ...key, userName: name });
    },
    DeleteUser: (input, call) => {
      const old = user(input, call);
      if (keysOf(cloud, old.name).length > 0)
        throw deleteConflict("Cannot delete entity, must delete access keys first.");
      if (old.groups.length > 0) throw deleteConflict("Cannot delete entity, must remove users from group first.");
      checkBare(old);
      records.users.delete(old.name);
      leaveTrustPolicies(records, old);
    },
    ...groupOperations(cloud),
    ...accessKeyOperations(cloud),
  };
}

/** Operations on users and keys mean the caller where no user is named. */
export function userNameOf(input: Members, { principal }: Call): string {
  if (input.UserName !== undefined) return String(input.UserName);
  if (principal.type === "user") return principal.arn.slice(principal.arn.lastIndexOf("/") + 1);
  throw noSuchEntity("Must specify userName when calling with non-User credentials");
}

function groupOperations(cloud: Cloud): Record<string, Handler> {
  const records = iamRecords(cloud);
  const group = (input: Members): GroupRecord => find(records.groups, "Group", input.GroupName);
  const membersOf = (name: string): UserRecord[] =>
    [...records.users.values()].filter((each) => each.groups.includes(name));
  return {
    CreateGroup: (input) => {
      const [name, path] = [String(input.GroupName), String(input.Path ?? "/")];
      checkNameFree(records.groups, "Group", name);
      const arn = `arn:aws:iam::${cloud.accountId}:group${path}${name}`;
      const created: GroupRecord = {
        name,
        path,
        arn,
        id: uniqueId("AGPA"),
        createdMs: cloud.clock.nowMs(),
        inline: {},
        attached: [],
        tags: {},
      };
      records.groups.put(name, created);
      return { Group: groupShape(created) };
    },
    GetGroup: (input) => ({
      Group: groupShape(group(input)),
      ...listed(
        "Users",
        membersOf(group(input).name).map((each) => userShape(each, false)),
        input,
      ),
    }),
    ListGroups: (input) =>
      listed("Groups", underPath(records.groups.values(), input.PathPrefix).map(groupShape), input),
    DeleteGroup: (input) => {
      const old = group(input);
      if (membersOf(old.name).length > 0)
        throw deleteConflict("Cannot delete entity, must remove users from group first.");
      checkBare(old);
      records.groups.delete(old.name);
    },
    AddUserToGroup: (input) => {
      const [{ name }, user] = [group(input), find(records.users, "User", input.UserName)];
      records.users.put(user.name, { ...user, groups: [...user.groups.filter((other) => other !== name), name] });
    },
    RemoveUserFromGroup: (input) => {
      const [{ name }, user] = [group(input), find(records.users, "User", input.UserName)];
      records.users.put(user.name, { ...user, groups: user.groups.filter((other) => other !== name) });
    },
    ListGroupsForUser: (input) => {
      const { groups } = find(records.users, "User", input.UserName);
      return listed("Groups", groups.flatMap((name) => records.groups.get(name) ?? []).map(groupShape), input);
    },
  };
}

function accessKeyOperations(cloud: Cloud): Record<string, Handler> {
  const records = iamRecords(cloud);
  const key = (input: Members): AccessKeyRecord => {
    const found = records.accessKeys.get(String(input.AccessKeyId));
    if (!found || (input.UserName !== undefined && found.userName !== input.UserName)) {
      throw noSuchEntity(`The Access Key with id ${String(input.AccessKeyId)} cannot be found.`);
    }
    return found;
  };
  const shape = (each: AccessKeyRecord): Members => ({
    UserName: each.userName,
    AccessKeyId: each.id,
    Status: each.active ? "Active" : "Inactive",
    CreateDate: new Date(each.createdMs),
  });
  return {
    CreateAccessKey: (input, call) => {
      const { name } = find(records.users, "User", userNameOf(input, call));
      if (keysOf(cloud, name).length >= quotas.accessKeys)
        throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${quotas.accessKeys}`);
      const created: AccessKeyRecord = {
        id: uniqueId("AKIA"),
        secret: secretKey(),
        userName: name,
        active: true,
        createdMs: cloud.clock.nowMs(),
      };
      records.accessKeys.put(created.id, created);
      return { AccessKey: { ...shape(created), SecretAccessKey: created.secret } };
    },
    ListAccessKeys: (input, call) =>
      listed(
        "AccessKeyMetadata",
        keysOf(cloud, find(records.users, "User", userNameOf(input, call)).name).map(shape),
        input,
      ),
    UpdateAccessKey: (input) =>
      records.accessKeys.put(key(input).id, { ...key(input), active: input.Status === "Active" }),
    DeleteAccessKey: (input) => void records.accessKeys.delete(key(input).id),
    GetAccessKeyLastUsed: (input) => ({
      UserName: key(input).userName,
      AccessKeyLastUsed: { ServiceName: "N/A", Region: "N/A" },
    }),
  };
}

function keysOf(cloud: Cloud, userName: string): AccessKeyRecord[] {
  return [...iamRecords(cloud).accessKeys.values()].filter((key) => key.userName === userName);
}
