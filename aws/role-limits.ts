import {
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetAccountAuthorizationDetailsCommand,
  type GetAccountAuthorizationDetailsCommandOutput,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
} from "@aws-sdk/client-iam";
import { type AwsSession, clientSettings } from "./session";

/** What limits a role, and what it has. */
export interface RoleLimits {
  readonly name: string;
  readonly boundary: string | undefined;
  /** Documents of inline policies, by name. */
  readonly inline: Readonly<Record<string, string>>;
  /** ARNs of managed policies. */
  readonly attached: readonly string[];
}

/** Roles, as far as what was added to them is taken away again. */
export class RoleLimiter {
  private readonly client: IAMClient;

  constructor(session: AwsSession) {
    this.client = new IAMClient(clientSettings(session));
  }

  /** Roles of a path, in as few calls as there are pages of all. */
  async under(path: string): Promise<RoleLimits[]> {
    const found: RoleLimits[] = [];
    let Marker: string | undefined;
    do {
      const page: GetAccountAuthorizationDetailsCommandOutput = await this.client.send(
        new GetAccountAuthorizationDetailsCommand({ Filter: ["Role"], Marker }),
      );
      for (const role of page.RoleDetailList ?? [])
        if (role.Path === path)
          found.push({
            name: role.RoleName!,
            boundary: role.PermissionsBoundary?.PermissionsBoundaryArn,
            inline: Object.fromEntries(
              (role.RolePolicyList ?? []).map(({ PolicyName, PolicyDocument }) => [
                PolicyName!,
                decodeURIComponent(PolicyDocument ?? ""),
              ]),
            ),
            attached: (role.AttachedManagedPolicies ?? []).map(({ PolicyArn }) => PolicyArn!),
          });
      Marker = page.IsTruncated ? page.Marker : undefined;
    } while (Marker);
    return found;
  }

  async deleteInline(RoleName: string, PolicyName: string): Promise<void> {
    await this.client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  }

  async detach(RoleName: string, PolicyArn: string): Promise<void> {
    await this.client.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  }

  async bound(RoleName: string, PermissionsBoundary: string): Promise<void> {
    await this.client.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
  }
}
