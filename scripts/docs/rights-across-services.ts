import { dependents } from "../../local/iam/dependents";

/** What operations ask for in other services, from the table that the authoriser uses. */
export function rightsAcrossServices(): string[] {
  const byRights = new Map<string, string[]>();
  for (const [operation, { asks }] of Object.entries(dependents))
    byRights.set(asks, [...(byRights.get(asks) ?? []), operation]);
  return [
    "## Rights across services",
    "",
    "AWS's services call one another, in the caller's name (forward access sessions, `aws:ViaAWSService`) or in their own.",
    "`local/iam/dependents/` declares which rights such calls need. They are evaluated at the same place as every other request, with `kms:ViaService`, `kms:EncryptionContext:…`, `kms:GrantIsForAWSResource` and `kms:ResourceAliases`.",
    "AWS's own keys (`alias/aws/…`) need no rights.",
    "Services need the right to create grants on keys, but only grants for the disks of Studio's apps are really created: EC2 creates one with an app, for its host and its disk, the disk is opened by it, and it ends with the app (whom it names is believed).",
    "",
    "| operation | needs, beside its own action |",
    "|---|---|",
    ...[...byRights].map(([asks, operations]) => `| ${operations.map((name) => `\`${name}\``).join(", ")} | ${asks} |`),
    "",
  ];
}
