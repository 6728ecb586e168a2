import { deleteSecurityGroup, revokeRules, securityGroupsNamed } from "../aws/ec2";
import type { AwsSession } from "../aws/session";
import { patiently } from "./patience";

/** Network interfaces of a deleted domain's file system need minutes to go. */
const patienceMs = 10 * 60_000;

/** The groups that SageMaker makes with a domain for its file system, and leaves behind. */
export function domainGroups(domainId: string): string[] {
  return ["inbound", "outbound"].map((way) => `security-group-for-${way}-nfs-${domainId}`);
}

/**
 * Deletes the groups that a deleted Studio domain left. Each refers to the other, and both keep their VPC from being deleted.
 * @returns how many were deleted.
 */
export async function deleteDomainGroups(session: AwsSession, domainId: string, onWait: (what: string) => void): Promise<number> {
  const groups = await securityGroupsNamed(session, domainGroups(domainId));
  for (const group of groups) await revokeRules(session, group);
  for (const { id } of groups) await patiently(() => deleteSecurityGroup(session, id), Boolean, patienceMs, () => onWait(`waiting until the network lets go of ${id}, which Studio left`));
  return groups.length;
}
