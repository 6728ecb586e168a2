import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import { managedPolicyText } from "../../iam/holdings";
import type { IamRecords, PolicyHolder } from "../../iam/records";
import type { Table } from "../../journal";
import {
  alreadyExists,
  deleteConflict,
  encodeDocument,
  limitExceeded,
  listed,
  noSuchEntity,
  tagList,
  tagsFrom,
} from "./answers";
import { checkInlinePolicy, checkTags, quotas } from "./limits";

/** One of the three kinds of entity that carry policies. */
export interface Kind {
  readonly name: "Role" | "User" | "Group";
  readonly table: Table<PolicyHolder>;
  /** Groups have neither tags nor boundaries. */
  readonly full: boolean;
}

type Operations = Record<string, Handler>;

export function kindsOf(records: IamRecords): Record<Kind["name"], Kind> {
  // Handlers below put back what they got with other policies or tags, so a role stays a role.
  return {
    Role: { name: "Role", table: records.roles, full: true },
    User: { name: "User", table: records.users, full: true },
    Group: { name: "Group", table: records.groups, full: false },
  };
}

/** @throws AwsError NoSuchEntity. */
export function find<T>(table: Table<T>, kind: string, name: unknown): T {
  const found = table.get(String(name));
  if (found === undefined) throw noSuchEntity(`The ${kind.toLowerCase()} with name ${String(name)} cannot be found.`);
  return found;
}

/** Names are unique whatever their letter case (IAM user guide). */
export function checkNameFree(table: Table<{ name: string }>, kind: string, name: string): void {
  for (const other of table.values())
    if (other.name.toLowerCase() === name.toLowerCase())
      throw alreadyExists(`${kind} with name ${name} already exists.`);
}

/** @throws AwsError NoSuchEntity for a managed policy that does not exist. */
export function checkAttachable(records: IamRecords, arn: unknown): string {
  if (managedPolicyText(records, String(arn)) === undefined)
    throw noSuchEntity(`Policy ${String(arn)} does not exist or is not attachable.`);
  return String(arn);
}

/** A role or user with policies cannot be deleted. */
export function checkBare(holder: PolicyHolder): void {
  if (holder.attached.length > 0) throw deleteConflict("Cannot delete entity, must detach all policies first.");
  if (Object.keys(holder.inline).length > 0) throw deleteConflict("Cannot delete entity, must delete policies first.");
}

/**
 * Operations on inline and attached policies, boundaries and tags: the same for roles, users and (without the last two)
 * groups.
 */
export function holderOperations(records: IamRecords, kind: Kind): Operations {
  const { name, table } = kind;
  const get = (input: Members): PolicyHolder => find(table, name, input[`${name}Name`]);
  const change = (input: Members, changes: (holder: PolicyHolder) => Partial<PolicyHolder>): void => {
    const holder = get(input);
    if ("linkedTo" in holder && holder.linkedTo)
      throw new AwsError(
        "UnmodifiableEntity",
        `Cannot perform the operation on the protected role '${holder.name}' - this role is only modifiable by AWS`,
      );
    table.put(holder.name, { ...holder, ...changes(holder) });
  };
  return {
    ...inlineOperations(kind, get, change),
    ...attachedOperations(records, kind, get, change),
    ...(kind.full && { ...boundaryOperations(records, kind, change), ...tagOperations(kind, get, change) }),
  };
}

type Get = (input: Members) => PolicyHolder;
type Change = (input: Members, changes: (holder: PolicyHolder) => Partial<PolicyHolder>) => void;

function inlineOperations({ name }: Kind, get: Get, change: Change): Operations {
  const text = (input: Members): string => {
    const found = get(input).inline[String(input.PolicyName)];
    if (found === undefined)
      throw noSuchEntity(`The ${name.toLowerCase()} policy with name ${String(input.PolicyName)} cannot be found.`);
    return found;
  };
  return {
    [`Put${name}Policy`]: (input) =>
      change(input, ({ inline, name: holder }) => {
        const others = Object.entries(inline).filter(([policy]) => policy !== input.PolicyName);
        checkInlinePolicy(
          String(input.PolicyDocument),
          others.map(([, document]) => document),
          name,
          holder,
        );
        return { inline: { ...Object.fromEntries(others), [String(input.PolicyName)]: String(input.PolicyDocument) } };
      }),
    [`Get${name}Policy`]: (input) => ({
      [`${name}Name`]: input[`${name}Name`],
      PolicyName: input.PolicyName,
      PolicyDocument: encodeDocument(text(input)),
    }),
    [`Delete${name}Policy`]: (input) => {
      text(input);
      change(input, ({ inline }) => ({
        inline: Object.fromEntries(Object.entries(inline).filter(([policy]) => policy !== input.PolicyName)),
      }));
    },
    [`List${name}Policies`]: (input) => listed("PolicyNames", Object.keys(get(input).inline).sort(), input),
  };
}

function attachedOperations(records: IamRecords, { name }: Kind, get: Get, change: Change): Operations {
  return {
    [`Attach${name}Policy`]: (input) =>
      change(input, ({ attached }) => {
        const arn = checkAttachable(records, input.PolicyArn);
        if (attached.includes(arn)) return {};
        if (attached.length >= quotas.attachedPolicies)
          throw limitExceeded(`Cannot exceed quota for PoliciesPer${name}: ${quotas.attachedPolicies}`);
        return { attached: [...attached, arn] };
      }),
    [`Detach${name}Policy`]: (input) =>
      change(input, ({ attached }) => {
        if (!attached.includes(String(input.PolicyArn)))
          throw noSuchEntity(`Policy ${String(input.PolicyArn)} was not found.`);
        return { attached: attached.filter((arn) => arn !== input.PolicyArn) };
      }),
    [`ListAttached${name}Policies`]: (input) => {
      const attached = get(input).attached.map((arn) => ({
        PolicyName: arn.slice(arn.lastIndexOf("/") + 1),
        PolicyArn: arn,
      }));
      const prefix = String(input.PathPrefix ?? "/");
      return listed(
        "AttachedPolicies",
        attached.filter(({ PolicyArn }) => PolicyArn.slice(PolicyArn.indexOf(":policy/") + 7).startsWith(prefix)),
        input,
      );
    },
  };
}

function boundaryOperations(records: IamRecords, { name }: Kind, change: Change): Operations {
  return {
    [`Put${name}PermissionsBoundary`]: (input) =>
      change(input, () => ({ boundary: checkAttachable(records, input.PermissionsBoundary) })),
    [`Delete${name}PermissionsBoundary`]: (input) => change(input, () => ({ boundary: undefined })),
  };
}

function tagOperations({ name }: Kind, get: Get, change: Change): Operations {
  return {
    [`Tag${name}`]: (input) =>
      change(input, ({ tags }) => {
        const merged = { ...tags, ...tagsFrom(input.Tags) };
        checkTags(merged, name);
        return { tags: merged };
      }),
    [`Untag${name}`]: (input) =>
      change(input, ({ tags }) => {
        const gone = new Set(input.TagKeys as string[]);
        return { tags: Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key))) };
      }),
    [`List${name}Tags`]: (input) => listed("Tags", tagList(get(input).tags), input),
  };
}
