import { randomBytes } from "node:crypto";
import type { Cloud } from "../../../cloud";
import type { Members } from "../../../members";
import type { Handler } from "../../../operation";
import type { InventoryItem } from "../../../service";
import type { Table } from "../../../journal";
import { FileSystems } from "../../efs/store";
import { platformChecks } from "../../../checks/platform";

/** A security group that SageMaker made for a domain's file system. It stays when the domain goes. */
export interface NfsGroup {
  readonly id: string;
  readonly name: string;
  readonly domainId: string;
  readonly vpcId: string;
  readonly ingress: readonly Members[];
  readonly egress: readonly Members[];
}

const NFS = 2049;

export function nfsGroups(cloud: Cloud): Table<NfsGroup> {
  return cloud.journal.table<NfsGroup>("sagemaker/studio/nfs-groups");
}

/**
 * The two groups of a new domain: apps reach the file system from one into the other, so that each refers to the other.
 * @returns the id of the one that the file system has.
 */
export function makeNfsGroups(cloud: Cloud, domainId: string, vpcId: string): string {
  const id = (): string => `sg-${randomBytes(9).toString("hex").slice(0, 17)}`;
  const [inbound, outbound] = [id(), id()];
  const rule = (GroupId: string): Members => ({
    IpProtocol: "tcp",
    FromPort: NFS,
    ToPort: NFS,
    UserIdGroupPairs: [{ GroupId, UserId: cloud.accountId }],
    IpRanges: [],
    Ipv6Ranges: [],
    PrefixListIds: [],
  });
  const table = nfsGroups(cloud);
  table.put(inbound, {
    id: inbound,
    name: `security-group-for-inbound-nfs-${domainId}`,
    domainId,
    vpcId,
    ingress: [rule(outbound)],
    egress: [],
  });
  table.put(outbound, {
    id: outbound,
    name: `security-group-for-outbound-nfs-${domainId}`,
    domainId,
    vpcId,
    ingress: [],
    egress: [rule(inbound)],
  });
  return inbound;
}

export function nfsGroupInventory(cloud: Cloud): InventoryItem[] {
  return [...nfsGroups(cloud).values()].map(({ id }) => ({
    arn: cloud.arn("ec2", `security-group/${id}`),
    type: "AWS::EC2::SecurityGroup",
  }));
}

const attributes: Readonly<Record<string, (group: NfsGroup) => string>> = {
  "group-name": ({ name }) => name,
  "group-id": ({ id }) => id,
  "vpc-id": ({ vpcId }) => vpcId,
};

/**
 * EC2's operations on these groups; all others are moto's. A group is in use as long as its domain or a mount target
 * with it is there.
 */
export function nfsGroupOperations(cloud: Cloud, toMoto: Handler): Record<string, Handler> {
  const table = nfsGroups(cloud);
  const files = new FileSystems(cloud);
  const inUse = ({ id, domainId }: NfsGroup): boolean =>
    cloud.journal.table("sagemaker/studio/domain").get(domainId) !== undefined ||
    files.mountTargets().some(({ groups }) => groups.includes(id));

  const revoke =
    (side: "ingress" | "egress"): Handler =>
    (input, call) => {
      const group = table.get(String(input.GroupId));
      if (!group) return toMoto(input, call);
      const same = (a: Members, b: Members): boolean =>
        a.IpProtocol === b.IpProtocol && a.FromPort === b.FromPort && a.ToPort === b.ToPort && pairs(a) === pairs(b);
      const wanted = (input.IpPermissions ?? []) as Members[];
      const missing = wanted.find((one) => !group[side].some((held) => same(held, one)));
      if (missing) throw platformChecks.ruleExists();
      table.put(group.id, { ...group, [side]: group[side].filter((held) => !wanted.some((one) => same(held, one))) });
      return { Return: true };
    };

  /** Where tags of what lives in moto are known, too. */
  const tags = cloud.journal.table<Readonly<Record<string, string>>>("upstream/tags");
  const arn = (id: string): string => cloud.arn("ec2", `security-group/${id}`);
  const fits = (group: NfsGroup, { Name, Values = [] }: Members): boolean => {
    const filter = String(Name);
    const held = filter.startsWith("tag:")
      ? tags.get(arn(group.id))?.[filter.slice("tag:".length)]
      : attributes[filter]?.(group);
    return (
      held !== undefined &&
      (Values as string[]).some((value) => (value.endsWith("*") ? held.startsWith(value.slice(0, -1)) : held === value))
    );
  };

  return {
    async CreateTags(input, call) {
      const own = (input.Resources as string[]).filter((id) => table.has(id));
      const given = Object.fromEntries(
        ((input.Tags ?? []) as Members[]).map(({ Key, Value }) => [String(Key), String(Value ?? "")]),
      );
      for (const id of own) tags.put(arn(id), { ...tags.get(arn(id)), ...given });
      const others = (input.Resources as string[]).filter((id) => !table.has(id));
      return own.length === 0
        ? toMoto(input, call)
        : others.length === 0
          ? {}
          : toMoto({ ...input, Resources: others }, { ...call, caller: { ...call.caller, raw: undefined } });
    },
    async DescribeSecurityGroups(input, call) {
      const filters = (input.Filters ?? []) as Members[];
      const named = (group: NfsGroup): boolean =>
        !input.GroupIds?.length || (input.GroupIds as string[]).includes(group.id);
      const own = [...table.values()].filter((group) => named(group) && filters.every((filter) => fits(group, filter)));
      // An id of ours is none of moto's.
      const others =
        input.GroupIds?.length && own.length === input.GroupIds.length
          ? {}
          : ((await toMoto(input, { ...call, caller: { ...call.caller, raw: undefined } })) as Members);
      return {
        SecurityGroups: [
          ...((others.SecurityGroups as Members[] | undefined) ?? []),
          ...own.map((group) => shown(cloud, group, tags.get(arn(group.id)) ?? {})),
        ],
        NextToken: others.NextToken,
      };
    },
    RevokeSecurityGroupIngress: revoke("ingress"),
    RevokeSecurityGroupEgress: revoke("egress"),
    DeleteSecurityGroup(input, call) {
      const group = table.get(String(input.GroupId));
      if (!group) return toMoto(input, call);
      const referred = [...table.values()].some(
        (other) =>
          other.id !== group.id && [...other.ingress, ...other.egress].some((rule) => pairs(rule).includes(group.id)),
      );
      if (referred || inUse(group)) throw platformChecks.groupUnused(group.id);
      table.delete(group.id);
      tags.delete(arn(group.id));
      return { Return: true, GroupId: group.id };
    },
  };
}

function pairs({ UserIdGroupPairs = [] }: Members): string {
  return (UserIdGroupPairs as Members[])
    .map(({ GroupId }) => String(GroupId))
    .sort()
    .join();
}

function shown(
  cloud: Cloud,
  { id, name, vpcId, ingress, egress }: NfsGroup,
  tags: Readonly<Record<string, string>>,
): Members {
  return {
    GroupId: id,
    GroupName: name,
    VpcId: vpcId,
    OwnerId: cloud.accountId,
    Description: "Created by Amazon SageMaker Studio",
    IpPermissions: ingress,
    IpPermissionsEgress: egress,
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  };
}
