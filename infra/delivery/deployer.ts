import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { type CiRole, ciRoles, githubIssuer } from "../identity/roles/ci";
import { Role } from "../identity/identity";
import type { Scope } from "../scope";

/**
 * Lets GitHub's workflows deploy and preview this environment, without keys. Made by an administrator: a deployer
 * cannot change it.
 */
export class CiAccess extends Component {
  readonly roles: Readonly<Record<CiRole, Role>>;

  /** @param boundary what deployers cannot exceed. */
  constructor(name: string, scope: Scope, boundary: aws.iam.Policy, options: pulumi.ComponentResourceOptions) {
    super("delivery", "CiAccess", name, scope, options);
    const provider = scope.settings.deployer.oidcProviderArn
      ? []
      : // IAM knows GitHub's certificates by itself: no thumbprint (IAM user guide, "Obtain the thumbprint for an OpenID Connect identity provider").
        [
          new aws.iam.OpenIdConnectProvider(
            this.named("github"),
            { url: `https://${githubIssuer}`, clientIdLists: ["sts.amazonaws.com"] },
            this.child(),
          ),
        ];
    const roles = Object.entries(ciRoles(scope)).map(([role, description]) => [
      role,
      new Role(this.named(role), scope, role, description, boundary.arn, { parent: this, dependsOn: provider }),
    ]);
    this.roles = Object.fromEntries(roles) as Record<CiRole, Role>;
    this.registerOutputs({});
  }
}
