import type { Call } from "../../../call";
import type { Cloud } from "../../../cloud";
import type { Members } from "../../../members";
import { dependentFacts } from "../../../iam/dependents/facts";
import { useKey } from "../../../iam/dependents/keys";
import { idFor, keyGrants } from "../../../iam/grants";
import type { Principal } from "../../../iam/principal";

/** What the host of an app is to EC2 and KMS: whoever carries the grant, and the disk that it is for. */
function hostOf(
  cloud: Cloud,
  { DomainId, SpaceName, UserProfileName, AppType, AppName }: Members,
): { readonly principal: Principal; readonly encryptionContext: { readonly "aws:ebs:id": string } } {
  const place = [DomainId, SpaceName ?? UserProfileName].join("/");
  const instance = idFor("i", [place, AppType, AppName].join("/"));
  const principal: Principal = {
    type: "role",
    arn: `arn:aws:sts::${cloud.accountId}:assumed-role/aws:ec2-infrastructure/${instance}`,
    accountId: cloud.accountId,
    id: `AROAEC2INFRASTRUCTURE:${instance}`,
    roleArn: `arn:aws:iam::${cloud.accountId}:role/aws:ec2-infrastructure`,
  };
  return { principal, encryptionContext: { "aws:ebs:id": idFor("vol", place) } };
}

/**
 * The disk of a space under a key: EC2 makes a grant in the caller's name, which was asked for before, for the host and
 * this disk alone, and the host opens the disk by it (EBS user guide, "How EBS encryption works"). That Studio's disks
 * are such volumes, and the words, are believed.
 * @returns why the app cannot start.
 */
export function openDisk(cloud: Cloud, input: Members, call: Call): string | undefined {
  const facts = dependentFacts(cloud);
  const key = facts.keyOfDomain(input.DomainId);
  const keyArn = facts.arnOf(key);
  if (keyArn === undefined) return undefined;
  const { principal, encryptionContext } = hostOf(cloud, input);
  const { token } = keyGrants(cloud).add({
    keyArn,
    grantee: principal.arn,
    operations: ["Decrypt"],
    constraints: { EncryptionContextSubset: encryptionContext },
  });
  const asked = useKey(facts, call, { key, via: "ec2", actions: ["Decrypt"], encryptionContext, principal });
  const open = asked.every(
    (requirement) =>
      cloud.authoriser.allows?.({ ...requirement, grantTokens: [token] }, { ...call, principal }) ?? true,
  );
  if (open) return undefined;
  closeDisk(cloud, input);
  return `Client.InternalError: Client error on launch. The volume ${encryptionContext["aws:ebs:id"]} could not be decrypted with the key ${keyArn}.`;
}

/** The host is gone, and its grant with it. */
export function closeDisk(cloud: Cloud, input: Members): void {
  const grants = keyGrants(cloud);
  const { principal } = hostOf(cloud, input);
  for (const { id, grantee } of grants.all()) if (grantee === principal.arn) grants.remove(id);
}
