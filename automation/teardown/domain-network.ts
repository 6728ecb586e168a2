import { deleteSecurityGroup, revokeRules, securityGroupsNamed } from "../../aws/ec2";
import { deleteMountTargets, fileSystem, type FileSystem } from "../../aws/efs";
import type { AwsSession } from "../../aws/session";
import { poll } from "../poll";

/** Network interfaces of a deleted domain's file system need minutes to go. */
const timeoutMs = 10 * 60_000;

/** A Studio domain that is deleted, and the file system of its home directories. */
export interface DeletedDomain {
  readonly domainId: string;
  /** Absent where the stack does not say it. */
  readonly fileSystemId?: string;
}

/** The groups that SageMaker makes with a domain for its file system, and leaves behind. */
export function domainGroups(domainId: string): string[] {
  return ["inbound", "outbound"].map((way) => `security-group-for-${way}-nfs-${domainId}`);
}

/**
 * Deletes what a deleted Studio domain left in its network, so that subnets and VPC can be deleted: where the home
 * directories were retained their file system's mount targets (not what is stored), then its two security groups, each
 * of which refers to the other.
 * @returns how many groups were deleted.
 */
export async function freeDomainNetwork(
  session: AwsSession,
  { domainId, fileSystemId }: DeletedDomain,
  onWait: (what: string) => void,
): Promise<number> {
  if (fileSystemId !== undefined)
    await poll(
      () => deleteMountTargets(session, fileSystemId),
      (left) => left === 0,
      {
        timeoutMs,
        onWait: (left) => onWait(`waiting until ${left} mount targets of ${fileSystemId} are gone, which Studio left`),
      },
    );
  const groups = await securityGroupsNamed(session, domainGroups(domainId));
  for (const group of groups) await revokeRules(session, group);
  for (const { id } of groups)
    await poll(() => deleteSecurityGroup(session, id), Boolean, {
      timeoutMs,
      onWait: () => onWait(`waiting until the network lets go of ${id}, which Studio left`),
    });
  return groups.length;
}

/** The file system with people's home directories, where it outlived its domain. */
export async function keptHome(session: AwsSession, { fileSystemId }: DeletedDomain): Promise<FileSystem | undefined> {
  return fileSystemId === undefined ? undefined : fileSystem(session, fileSystemId);
}
