import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import { uniqueId } from "../../iam/ids";
import { awsManagedPolicies } from "../../iam/managed";
import {
  iamRecords,
  type IamRecords,
  type ManagedPolicyRecord,
  type PolicyHolder,
  type PolicyVersionRecord,
} from "../../iam/records";
import {
  deleteConflict,
  encodeDocument,
  limitExceeded,
  listed,
  noSuchEntity,
  policyShape,
  tagList,
  tagsFrom,
  underPath,
} from "./answers";
import { checkManagedPolicy, checkTags, quotas } from "./limits";

/** Managed policies, their versions, and who uses them. */
export function policyOperations(cloud: Cloud): Record<string, Handler> {
  const records = iamRecords(cloud);
  const get = (input: Members): ManagedPolicyRecord => policyByArn(records, String(input.PolicyArn));
  const change = (input: Members, changes: Partial<ManagedPolicyRecord>): void => {
    const policy = get(input);
    if (policy.arn.startsWith("arn:aws:iam::aws:"))
      throw new AwsError("AccessDenied", `Cannot change the AWS managed policy ${policy.arn}.`, 403);
    records.policies.put(policy.arn, { ...policy, ...changes });
  };
  return {
    CreatePolicy: (input) => ({ Policy: shape(records, createPolicy(cloud, input)) }),
    GetPolicy: (input) => ({ Policy: shape(records, get(input)) }),
    ListPolicies: (input) => listed("Policies", listPolicies(records, input), input),
    DeletePolicy: (input) => {
      const policy = get(input);
      const { attachments, boundaries } = usage(records, policy.arn);
      if (attachments.length + boundaries.length > 0)
        throw deleteConflict("Cannot delete a policy attached to entities.");
      if (policy.versions.length > 1) {
        throw deleteConflict(
          "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        );
      }
      records.policies.delete(policy.arn);
    },
    ListEntitiesForPolicy: (input) => entitiesOf(records, get(input).arn, input),
    TagPolicy: (input) => {
      const tags = { ...get(input).tags, ...tagsFrom(input.Tags) };
      checkTags(tags, "Policy");
      change(input, { tags });
    },
    UntagPolicy: (input) => {
      const gone = new Set(input.TagKeys as string[]);
      change(input, { tags: Object.fromEntries(Object.entries(get(input).tags).filter(([key]) => !gone.has(key))) });
    },
    ListPolicyTags: (input) => listed("Tags", tagList(get(input).tags), input),
    ...versionOperations(cloud, get, change),
  };
}

type Get = (input: Members) => ManagedPolicyRecord;
type Change = (input: Members, changes: Partial<ManagedPolicyRecord>) => void;

function versionOperations(cloud: Cloud, get: Get, change: Change): Record<string, Handler> {
  const version = (input: Members): PolicyVersionRecord => {
    const found = get(input).versions.find(({ id }) => id === input.VersionId);
    if (!found)
      throw noSuchEntity(
        `Policy ${String(input.PolicyArn)} version ${String(input.VersionId)} does not exist or is not attachable.`,
      );
    return found;
  };
  const metadata = (policy: ManagedPolicyRecord, { id, createdMs }: PolicyVersionRecord): Members => ({
    VersionId: id,
    IsDefaultVersion: id === policy.defaultVersion,
    CreateDate: new Date(createdMs),
  });
  return {
    CreatePolicyVersion: (input) => {
      const policy = get(input);
      checkManagedPolicy(String(input.PolicyDocument));
      if (policy.versions.length >= quotas.policyVersions) {
        throw limitExceeded(
          "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
        );
      }
      const nowMs = cloud.clock.nowMs();
      const created = { id: `v${policy.nextVersion}`, document: String(input.PolicyDocument), createdMs: nowMs };
      change(input, {
        versions: [...policy.versions, created],
        nextVersion: policy.nextVersion + 1,
        updatedMs: nowMs,
        ...(input.SetAsDefault === true && { defaultVersion: created.id }),
      });
      return { PolicyVersion: metadata(get(input), created) };
    },
    GetPolicyVersion: (input) => ({
      PolicyVersion: { ...metadata(get(input), version(input)), Document: encodeDocument(version(input).document) },
    }),
    ListPolicyVersions: (input) =>
      listed(
        "Versions",
        [...get(input).versions].reverse().map((each) => metadata(get(input), each)),
        input,
      ),
    SetDefaultPolicyVersion: (input) =>
      change(input, { defaultVersion: version(input).id, updatedMs: cloud.clock.nowMs() }),
    DeletePolicyVersion: (input) => {
      const { id } = version(input);
      if (id === get(input).defaultVersion) throw deleteConflict("Cannot delete the default version of a policy.");
      change(input, { versions: get(input).versions.filter((each) => each.id !== id) });
    },
  };
}

function createPolicy(cloud: Cloud, input: Members): ManagedPolicyRecord {
  const records = iamRecords(cloud);
  const [name, path] = [String(input.PolicyName), String(input.Path ?? "/")];
  for (const other of records.policies.values()) {
    if (other.name.toLowerCase() === name.toLowerCase()) {
      throw new AwsError(
        "EntityAlreadyExists",
        `A policy called ${name} already exists. Duplicate names are not allowed.`,
        409,
      );
    }
  }
  checkManagedPolicy(String(input.PolicyDocument));
  const tags = tagsFrom(input.Tags);
  checkTags(tags, "Policy");
  const nowMs = cloud.clock.nowMs();
  const policy: ManagedPolicyRecord = {
    name,
    path,
    tags,
    arn: `arn:aws:iam::${cloud.accountId}:policy${path}${name}`,
    id: uniqueId("ANPA"),
    createdMs: nowMs,
    updatedMs: nowMs,
    defaultVersion: "v1",
    versions: [{ id: "v1", document: String(input.PolicyDocument), createdMs: nowMs }],
    nextVersion: 2,
    ...(input.Description !== undefined && { description: String(input.Description) }),
  };
  records.policies.put(policy.arn, policy);
  return policy;
}

/** AWS's own policies were there before the account; their dates do not matter to anyone. */
const longAgoMs = Date.UTC(2015, 1, 6, 18, 40);

function policyByArn(records: IamRecords, arn: string): ManagedPolicyRecord {
  const own = records.policies.get(arn);
  if (own) return own;
  const aws = awsManagedPolicies.get(arn);
  if (!aws) throw noSuchEntity(`Policy ${arn} was not found.`);
  const id = `ANPA${Buffer.from(aws.name).toString("hex").toUpperCase().padEnd(17, "A").slice(0, 17)}`;
  const version = { id: "v1", document: aws.document, createdMs: longAgoMs };
  return {
    ...aws,
    arn,
    id,
    createdMs: longAgoMs,
    updatedMs: longAgoMs,
    defaultVersion: "v1",
    versions: [version],
    nextVersion: 2,
    tags: {},
  };
}

function listPolicies(records: IamRecords, input: Members): Members[] {
  const own = input.Scope === "AWS" ? [] : [...records.policies.values()];
  const aws = input.Scope === "Local" ? [] : [...awsManagedPolicies.keys()].map((arn) => policyByArn(records, arn));
  const boundary = input.PolicyUsageFilter === "PermissionsBoundary";
  const used = ({ arn }: ManagedPolicyRecord): boolean =>
    usage(records, arn)[boundary ? "boundaries" : "attachments"].length > 0;
  const kept = [...own, ...aws].filter(
    (policy) => (input.OnlyAttached !== true && input.PolicyUsageFilter === undefined) || used(policy),
  );
  return underPath(kept, input.PathPrefix).map((policy) => shape(records, policy, false));
}

interface User {
  readonly kind: "Role" | "User" | "Group";
  readonly holder: PolicyHolder;
}

function usage(records: IamRecords, arn: string): { attachments: User[]; boundaries: User[] } {
  const of = (kind: User["kind"], holders: Iterable<PolicyHolder>): User[] =>
    [...holders].map((holder) => ({ kind, holder }));
  const all = [
    ...of("Role", records.roles.values()),
    ...of("User", records.users.values()),
    ...of("Group", records.groups.values()),
  ];
  return {
    attachments: all.filter(({ holder }) => holder.attached.includes(arn)),
    boundaries: all.filter(({ holder }) => holder.boundary === arn),
  };
}

function entitiesOf(records: IamRecords, arn: string, input: Members): Members {
  const { attachments, boundaries } = usage(records, arn);
  const users =
    input.PolicyUsageFilter === "PermissionsBoundary"
      ? boundaries
      : input.PolicyUsageFilter === "PermissionsPolicy"
        ? attachments
        : [...attachments, ...boundaries];
  const of = (kind: User["kind"]): Members[] =>
    users
      .filter((user) => user.kind === kind && (input.EntityFilter ?? kind) === kind)
      .map(({ holder }) => ({ [`${kind}Name`]: holder.name, [`${kind}Id`]: holder.id }));
  return { PolicyRoles: of("Role"), PolicyUsers: of("User"), PolicyGroups: of("Group"), IsTruncated: false };
}

function shape(records: IamRecords, policy: ManagedPolicyRecord, detail = true): Members {
  const { attachments, boundaries } = usage(records, policy.arn);
  return policyShape(policy, attachments.length, boundaries.length, detail);
}
