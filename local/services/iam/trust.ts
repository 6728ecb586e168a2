import type { Members } from "../../members";
import type { IamRecords, PolicyHolder } from "../../iam/records";

/**
 * What happens to the trust policies that name a role or user when it goes: IAM knows principals by their unique ids,
 * so the id shows where the ARN stood, and a new one of the same name is not trusted (IAM user guide, Principal).
 */
export function leaveTrustPolicies(records: IamRecords, { arn, id }: PolicyHolder): void {
  rename(records, arn, id);
}

/** A user that is renamed stays trusted: its id is the same, and shows as the new ARN. */
export function renameInTrustPolicies(records: IamRecords, arn: string, newArn: string): void {
  rename(records, arn, newArn);
}

function rename(records: IamRecords, from: string, to: string): void {
  for (const role of [...records.roles.values()]) {
    const trust = JSON.parse(role.trust) as Members;
    let found = false;
    for (const statement of [trust.Statement].flat() as Members[]) {
      const principal = statement.Principal as Record<string, unknown> | string | undefined;
      if (typeof principal !== "object" || ![principal.AWS].flat().includes(from)) continue;
      found = true;
      principal.AWS = Array.isArray(principal.AWS)
        ? principal.AWS.map((name: unknown) => (name === from ? to : name))
        : to;
    }
    if (found) records.roles.put(role.name, { ...role, trust: JSON.stringify(trust) });
  }
}
