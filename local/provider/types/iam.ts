import type { Members } from "../../members";
import { isGone } from "../failures";
import type { Context, ResourceType } from "../resource-type";
import type { Properties } from "../values";

/** IAM keeps at most five versions of a policy; Terraform drops the oldest before it adds one. */
const maxVersions = 5;

const roleTags = { add: "TagRole", remove: "UntagRole", identity: ({ id }: Context): Members => ({ RoleName: id }) };

/** IAM answers policy documents percent-encoded. */
const document = (text: unknown): string | undefined =>
  typeof text === "string" ? (text.startsWith("%") ? decodeURIComponent(text) : text) : undefined;

const splitId = (id: string, separator: string, first: string, second: string): Properties => {
  const at = id.indexOf(separator);
  return { [first]: id.slice(0, at), [second]: id.slice(at + separator.length) };
};

async function versions(context: Context): Promise<Members[]> {
  return ((await context.session.call("iam", "ListPolicyVersions", { PolicyArn: context.id })).Versions ??
    []) as Members[];
}

async function dropVersions(context: Context, gone: readonly Members[]): Promise<void> {
  for (const { VersionId } of gone)
    await context.session.call("iam", "DeletePolicyVersion", { PolicyArn: context.id, VersionId });
}

/** With `forceDetachPolicies`, a role loses what hangs on it before it is deleted. */
async function detachAll(context: Context): Promise<void> {
  const { session, id } = context;
  const attached = ((await session.call("iam", "ListAttachedRolePolicies", { RoleName: id })).AttachedPolicies ??
    []) as Members[];
  for (const { PolicyArn } of attached) await session.call("iam", "DetachRolePolicy", { RoleName: id, PolicyArn });
  const inline = ((await session.call("iam", "ListRolePolicies", { RoleName: id })).PolicyNames ?? []) as string[];
  for (const PolicyName of inline) await session.call("iam", "DeleteRolePolicy", { RoleName: id, PolicyName });
}

/** Name limits: IAM quotas (64 for roles and users, 128 for policies). */
export const iam: readonly ResourceType[] = [
  {
    token: "aws:iam/role:Role",
    service: "iam",
    title: "IAM Role",
    name: { property: "name", limit: 64 },
    rename: { name: "RoleName", assumeRolePolicy: "AssumeRolePolicyDocument" },
    local: ["forceDetachPolicies", "namePrefix"],
    replace: ["name", "path"],
    defaults: { path: "/", maxSessionDuration: 3600, forceDetachPolicies: false },
    create: [{ operation: "CreateRole" }],
    update: [
      {
        operation: "UpdateRole",
        only: ["name", "description", "maxSessionDuration"],
        when: ["description", "maxSessionDuration"],
      },
      {
        operation: "UpdateAssumeRolePolicy",
        only: ["name", "assumeRolePolicy"],
        when: ["assumeRolePolicy"],
        rename: { assumeRolePolicy: "PolicyDocument" },
      },
      {
        operation: "PutRolePermissionsBoundary",
        only: ["name", "permissionsBoundary"],
        when: ["permissionsBoundary"],
        if: ({ inputs }) => inputs.permissionsBoundary !== undefined,
      },
      {
        operation: "DeleteRolePermissionsBoundary",
        only: ["name"],
        when: ["permissionsBoundary"],
        if: ({ inputs }) => inputs.permissionsBoundary === undefined,
      },
    ],
    read: {
      operation: "GetRole",
      result: ({ Role: role }) =>
        role && {
          ...role,
          AssumeRolePolicyDocument: document(role.AssumeRolePolicyDocument),
          PermissionsBoundary: role.PermissionsBoundary?.PermissionsBoundaryArn,
        },
    },
    delete: async (context) => {
      if (context.inputs.forceDetachPolicies) await detachAll(context);
      await context.session.call("iam", "DeleteRole", { RoleName: context.id });
    },
    id: (_answer, { inputs }) => String(inputs.name),
    outputs: (answer) => {
      const role = (answer.Role ?? answer) as Members;
      return {
        arn: role.Arn,
        uniqueId: role.RoleId,
        createDate: role.CreateDate && new Date(role.CreateDate as string).toISOString(),
      };
    },
    tags: roleTags,
  },
  {
    token: "aws:iam/policy:Policy",
    service: "iam",
    title: "IAM Policy",
    name: { property: "name", limit: 128 },
    rename: { name: "PolicyName", policy: "PolicyDocument" },
    local: ["namePrefix", "delayAfterPolicyCreationInMs"],
    replace: ["name", "path", "description"],
    defaults: { path: "/" },
    create: [{ operation: "CreatePolicy" }],
    update: [
      {
        operation: "CreatePolicyVersion",
        only: ["policy"],
        when: ["policy"],
        request: async (context) => {
          const old = (await versions(context)).filter(({ IsDefaultVersion }) => !IsDefaultVersion);
          if (old.length >= maxVersions - 1) await dropVersions(context, old.slice(-1));
          return { PolicyArn: context.id, SetAsDefault: true };
        },
      },
    ],
    read: {
      operation: "GetPolicy",
      only: [],
      request: ({ id }) => ({ PolicyArn: id }),
      result: (answer) => answer.Policy,
    },
    delete: async (context) => {
      await dropVersions(
        context,
        (await versions(context)).filter(({ IsDefaultVersion }) => !IsDefaultVersion),
      );
      await context.session.call("iam", "DeletePolicy", { PolicyArn: context.id });
    },
    id: (answer) => String(answer.Policy?.Arn),
    fromId: () => ({}),
    outputs: (answer) => {
      const policy = (answer.Policy ?? answer) as Members;
      return { arn: policy.Arn, policyId: policy.PolicyId, attachmentCount: policy.AttachmentCount ?? 0 };
    },
    tags: { add: "TagPolicy", remove: "UntagPolicy", identity: ({ id }) => ({ PolicyArn: id }) },
  },
  {
    token: "aws:iam/rolePolicy:RolePolicy",
    service: "iam",
    title: "IAM Role Policy",
    name: { property: "name", limit: 128 },
    rename: { name: "PolicyName", role: "RoleName", policy: "PolicyDocument" },
    local: ["namePrefix"],
    replace: ["name", "role"],
    create: [{ operation: "PutRolePolicy" }],
    read: {
      operation: "GetRolePolicy",
      result: (answer) => ({ ...answer, PolicyDocument: document(answer.PolicyDocument) }),
    },
    delete: [{ operation: "DeleteRolePolicy" }],
    id: (_answer, { inputs }) => `${String(inputs.role)}:${String(inputs.name)}`,
    fromId: (id) => splitId(id, ":", "role", "name"),
  },
  {
    token: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    service: "iam",
    title: "IAM Role Policy Attachment",
    rename: { role: "RoleName" },
    replace: "all",
    create: [{ operation: "AttachRolePolicy" }],
    read: {
      operation: "ListAttachedRolePolicies",
      result: (answer, { inputs }) =>
        ((answer.AttachedPolicies ?? []) as Members[]).find(({ PolicyArn }) => PolicyArn === inputs.policyArn),
    },
    delete: [{ operation: "DetachRolePolicy" }],
    id: (_answer, { inputs }) => `${String(inputs.role)}/${String(inputs.policyArn)}`,
    fromId: (id) => splitId(id, "/", "role", "policyArn"),
  },
  {
    token: "aws:iam/user:User",
    service: "iam",
    title: "IAM User",
    name: { property: "name", limit: 64 },
    rename: { name: "UserName" },
    local: ["forceDestroy"],
    replace: ["name", "path", "permissionsBoundary"],
    defaults: { path: "/" },
    create: [{ operation: "CreateUser" }],
    update: [],
    read: {
      operation: "GetUser",
      result: (answer) =>
        answer.User && { ...answer.User, PermissionsBoundary: answer.User.PermissionsBoundary?.PermissionsBoundaryArn },
    },
    delete: async (context) => {
      if (context.inputs.forceDestroy) await dropAccessKeys(context);
      await context.session.call("iam", "DeleteUser", { UserName: context.id });
    },
    id: (_answer, { inputs }) => String(inputs.name),
    outputs: (answer) => {
      const user = (answer.User ?? answer) as Members;
      return { arn: user.Arn, uniqueId: user.UserId };
    },
    tags: { add: "TagUser", remove: "UntagUser", identity: ({ id }) => ({ UserName: id }) },
  },
  {
    token: "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    service: "iam",
    title: "IAM OIDC Provider",
    rename: { clientIdLists: "ClientIDList", thumbprintLists: "ThumbprintList" },
    replace: ["url", "clientIdLists"],
    create: [{ operation: "CreateOpenIDConnectProvider" }],
    update: [
      {
        operation: "UpdateOpenIDConnectProviderThumbprint",
        only: ["thumbprintLists"],
        when: ["thumbprintLists"],
        request: ({ id }) => ({ OpenIDConnectProviderArn: id }),
      },
    ],
    // AWS answers the URL without its scheme.
    read: {
      operation: "GetOpenIDConnectProvider",
      only: [],
      request: ({ id }) => ({ OpenIDConnectProviderArn: id }),
      result: ({ Url: _url, ...answer }) => answer,
    },
    delete: [
      { operation: "DeleteOpenIDConnectProvider", only: [], request: ({ id }) => ({ OpenIDConnectProviderArn: id }) },
    ],
    id: (answer) => String(answer.OpenIDConnectProviderArn),
    fromId: () => ({}),
    outputs: (_answer, { id }) => ({ arn: id || undefined }),
    tags: {
      add: "TagOpenIDConnectProvider",
      remove: "UntagOpenIDConnectProvider",
      identity: ({ id }) => ({ OpenIDConnectProviderArn: id }),
    },
  },
];

async function dropAccessKeys({ session, id }: Context): Promise<void> {
  try {
    const keys = ((await session.call("iam", "ListAccessKeys", { UserName: id })).AccessKeyMetadata ?? []) as Members[];
    for (const { AccessKeyId } of keys) await session.call("iam", "DeleteAccessKey", { UserName: id, AccessKeyId });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
