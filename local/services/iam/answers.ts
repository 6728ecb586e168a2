import type { Members } from "../../members";
import { AwsError } from "../../errors";
import type {
  GroupRecord,
  InstanceProfileRecord,
  ManagedPolicyRecord,
  RoleRecord,
  Tags,
  UserRecord,
} from "../../iam/records";

/** Policy documents leave IAM URL-encoded after RFC 3986; clients decode them. */
export function encodeDocument(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function tagList(tags: Tags): Members[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

export function tagsFrom(list: unknown): Record<string, string> {
  return Object.fromEntries(
    ((list as { Key: string; Value: string }[] | undefined) ?? []).map(({ Key, Value }) => [Key, Value]),
  );
}

/** A list operation leaves out what only the Get operation answers: tags and boundary (IAM API, ListRoles). */
export function roleShape(role: RoleRecord, detail = true): Members {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdMs),
    AssumeRolePolicyDocument: encodeDocument(role.trust),
    Description: role.description,
    MaxSessionDuration: role.maxSessionSeconds,
    ...(detail && { RoleLastUsed: {}, ...boundaryAndTags(role) }),
  };
}

export function userShape(user: UserRecord, detail = true): Members {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: user.arn,
    CreateDate: new Date(user.createdMs),
    ...(detail && boundaryAndTags(user)),
  };
}

export function groupShape(group: GroupRecord): Members {
  return {
    Path: group.path,
    GroupName: group.name,
    GroupId: group.id,
    Arn: group.arn,
    CreateDate: new Date(group.createdMs),
  };
}

export function policyShape(
  policy: ManagedPolicyRecord,
  attachments: number,
  boundaries: number,
  detail = true,
): Members {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: attachments,
    PermissionsBoundaryUsageCount: boundaries,
    IsAttachable: true,
    CreateDate: new Date(policy.createdMs),
    UpdateDate: new Date(policy.updatedMs),
    ...(detail && { Description: policy.description, Tags: tagList(policy.tags) }),
  };
}

export function instanceProfileShape(profile: InstanceProfileRecord, roles: readonly RoleRecord[]): Members {
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profile.arn,
    CreateDate: new Date(profile.createdMs),
    Roles: roles.map((role) => roleShape(role, false)),
    Tags: tagList(profile.tags),
  };
}

function boundaryAndTags(holder: { boundary?: string; tags: Tags }): Members {
  return {
    PermissionsBoundary:
      holder.boundary === undefined
        ? undefined
        : { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: holder.boundary },
    Tags: Object.keys(holder.tags).length === 0 ? undefined : tagList(holder.tags),
  };
}

/** One page of an IAM list under `member`, with `Marker` and `IsTruncated`. IAM's pages hold 100 unless asked. */
export function listed<T>(member: string, items: readonly T[], input: Members): Members {
  const start =
    input.Marker === undefined ? 0 : Number(Buffer.from(String(input.Marker), "base64url").toString("utf8"));
  if (!Number.isInteger(start) || start < 0) throw new AwsError("ValidationError", "Invalid Marker.");
  const end = start + ((input.MaxItems as number | undefined) ?? 100);
  const truncated = end < items.length;
  return {
    [member]: items.slice(start, end),
    IsTruncated: truncated,
    ...(truncated && { Marker: Buffer.from(String(end)).toString("base64url") }),
  };
}

/** Those under a path prefix, by name. */
export function underPath<T extends { path: string; name: string }>(items: Iterable<T>, prefix: unknown): T[] {
  return [...items]
    .filter((item) => item.path.startsWith(String(prefix ?? "/")))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export const noSuchEntity = (message: string): AwsError => new AwsError("NoSuchEntity", message, 404);
export const alreadyExists = (message: string): AwsError => new AwsError("EntityAlreadyExists", message, 409);
export const deleteConflict = (message: string): AwsError => new AwsError("DeleteConflict", message, 409);
export const limitExceeded = (message: string): AwsError => new AwsError("LimitExceeded", message, 409);
export const invalidInput = (message: string): AwsError => new AwsError("InvalidInput", message, 400);
