import {
  GetAccountAuthorizationDetailsCommand,
  type GetAccountAuthorizationDetailsCommandOutput,
  IAMClient,
} from "@aws-sdk/client-iam";
import { type AwsSession, clientSettings } from "./session";

/** A policy document as text, under its name or ARN. */
export interface AccountPolicy {
  readonly name: string;
  readonly document: string;
}

/** A role as the account has it. */
export interface AccountRole {
  readonly arn: string;
  readonly trust: string;
  readonly policies: readonly AccountPolicy[];
  readonly boundary?: AccountPolicy;
}

/** IAM's documents are percent-encoded (IAM API, "policy documents are URL-encoded compliant with RFC 3986"). */
const decoded = (text: string | undefined): string => decodeURIComponent(text ?? "");

/**
 * Every role of the account with its policies, in as few calls as there are pages. Reads only; needs
 * `iam:GetAccountAuthorizationDetails`. AWS managed policies are among them where a role has one.
 */
export async function accountRoles(session: AwsSession): Promise<AccountRole[]> {
  const client = new IAMClient(clientSettings(session));
  const pages: GetAccountAuthorizationDetailsCommandOutput[] = [];
  let Marker: string | undefined;
  do {
    const page = await client.send(
      new GetAccountAuthorizationDetailsCommand({ Filter: ["Role", "LocalManagedPolicy", "AWSManagedPolicy"], Marker }),
    );
    pages.push(page);
    Marker = page.IsTruncated ? page.Marker : undefined;
  } while (Marker);
  const managed = new Map(
    pages
      .flatMap(({ Policies = [] }) => Policies)
      .map(({ Arn, PolicyVersionList = [] }) => [
        Arn!,
        decoded(PolicyVersionList.find(({ IsDefaultVersion }) => IsDefaultVersion)?.Document),
      ]),
  );
  const byArn = (arn: string): AccountPolicy[] =>
    managed.get(arn) ? [{ name: arn, document: managed.get(arn)! }] : [];
  return pages
    .flatMap(({ RoleDetailList = [] }) => RoleDetailList)
    .map(
      ({ Arn, AssumeRolePolicyDocument, RolePolicyList = [], AttachedManagedPolicies = [], PermissionsBoundary }) => {
        const inline = RolePolicyList.map(({ PolicyName, PolicyDocument }) => ({
          name: PolicyName!,
          document: decoded(PolicyDocument),
        }));
        const boundary = PermissionsBoundary?.PermissionsBoundaryArn;
        return {
          arn: Arn!,
          trust: decoded(AssumeRolePolicyDocument),
          policies: [...inline, ...AttachedManagedPolicies.flatMap(({ PolicyArn }) => byArn(PolicyArn!))],
          boundary: boundary ? byArn(boundary)[0] : undefined,
        };
      },
    );
}
