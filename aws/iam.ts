import { IAMClient, paginateListPolicies, paginateListRoles } from "@aws-sdk/client-iam";
import { type AwsSession, clientSettings } from "./session";

/** ARNs of the roles and policies below a path (`/peregrine/dev/`). The tagging API knows no roles at all. */
export async function identitiesBelow(session: AwsSession, path: string): Promise<string[]> {
  const client = new IAMClient(clientSettings(session));
  const arns: string[] = [];
  for await (const { Roles = [] } of paginateListRoles({ client }, { PathPrefix: path }))
    arns.push(...Roles.map(({ Arn }) => Arn!));
  for await (const { Policies = [] } of paginateListPolicies({ client }, { Scope: "Local", PathPrefix: path }))
    arns.push(...Policies.map(({ Arn }) => Arn!));
  return arns;
}
