import { dependents } from "../../local/iam/dependents";

/** What operations ask for in other services, from the table that the authoriser uses. */
export function rightsAcrossServices(): string[] {
  const byRights = new Map<string, string[]>();
  for (const [operation, { asks }] of Object.entries(dependents))
    byRights.set(asks, [...(byRights.get(asks) ?? []), operation]);
  return [
    "## Rights across services",
    "",
    "AWS's services call one another, in the caller's name (forward access sessions, `aws:ViaAWSService`) or in their own. What IAM and key policies are asked about such calls is",
    "declared in `local/iam/dependents/` and evaluated at the same place as everything else, with `kms:ViaService`, `kms:EncryptionContext:…`, `kms:GrantIsForAWSResource` and `kms:ResourceAliases`.",
    "Keys of AWS's own (`alias/aws/…`) ask for nothing. Of the grants that services make only those for disks of Studio's apps are kept: EC2 makes one with an app, for its host and its disk, the disk is opened by it, and it goes with the app (believed: whom it names). Others are asked for and not made.",
    "",
    "| operation | asks, beside its own action |",
    "|---|---|",
    ...[...byRights].map(([asks, operations]) => `| ${operations.map((name) => `\`${name}\``).join(", ")} | ${asks} |`),
    "",
  ];
}
