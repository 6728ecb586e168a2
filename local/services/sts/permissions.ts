import type { Call, Requirement } from "../../call";
import type { Members } from "../../members";
import type { Service } from "../../service";

type Context = Record<string, string | readonly string[]>;

/**
 * What STS operations require. Asking who one is and a session of one's own need no permission; web identities bring no
 * AWS principal, the handler asks the role's trust policy itself.
 */
export const permissions: NonNullable<Service["permissions"]> = {
  GetCallerIdentity: () => [],
  GetSessionToken: () => [],
  GetAccessKeyInfo: () => [{ action: "sts:GetAccessKeyInfo", resource: "*" }],
  AssumeRoleWithWebIdentity: () => [],
  AssumeRole: (input, call) => assumeRole(input, call),
};

function assumeRole(input: Members, { principal }: Call): Requirement[] {
  const resource = String(input.RoleArn);
  const context: Context = { "sts:RoleSessionName": String(input.RoleSessionName) };
  if (input.ExternalId !== undefined) context["sts:ExternalId"] = String(input.ExternalId);
  if (input.DurationSeconds !== undefined) context["sts:DurationSeconds"] = String(input.DurationSeconds);
  const sourceIdentity: unknown = input.SourceIdentity ?? principal.sourceIdentity;
  if (sourceIdentity !== undefined) context["sts:SourceIdentity"] = String(sourceIdentity);
  const transitive = [
    ...((input.TransitiveTagKeys as string[] | undefined) ?? []),
    ...(principal.transitiveTagKeys ?? []),
  ];
  if (transitive.length > 0) context["sts:TransitiveTagKeys"] = transitive;
  const need = (action: string): Requirement => ({ action, resource, context });
  return [
    need("sts:AssumeRole"),
    ...((input.Tags as unknown[] | undefined)?.length || principal.transitiveTagKeys?.length
      ? [need("sts:TagSession")]
      : []),
    ...(sourceIdentity === undefined ? [] : [need("sts:SetSourceIdentity")]),
  ];
}
