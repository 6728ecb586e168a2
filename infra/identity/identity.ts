import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Scope } from "../scope";
import { policyDocument, type Statement, trustPeople, trustService } from "./document";
import { permissionsBoundary, releaseBoundary } from "./documents/boundary";
import { type OperationsRole, operationsRoles } from "./operations-roles";
import { type ReleaseRole, releaseRoles, releaseTargets } from "./release-roles";
import { type HumanRole, humanRoles, type RoleDescription, type ServiceRole, serviceRoles } from "./roles";

/** Who may do what: a permissions boundary, the roles of AWS services, and the roles of people. */
export class Identity extends Component {
  readonly boundary: aws.iam.Policy;
  readonly services: Readonly<Record<ServiceRole, Role>>;
  readonly people: Readonly<Partial<Record<HumanRole, Role>>>;
  /** Those of what watches, forwards, builds and tells, as far as the settings ask for it. */
  readonly operations: Readonly<Partial<Record<OperationsRole, Role>>>;
  /** Those of release builds; undefined where people release. */
  readonly releases: Readonly<Record<ReleaseRole, Role>> | undefined;

  constructor(name: string, scope: Scope, options: pulumi.ComponentResourceOptions) {
    super("identity", "Identity", name, scope, options);
    this.boundary = this.createBoundary("boundary", "What no role of the environment can exceed", permissionsBoundary(scope));
    const build = <Name extends string>(roles: Partial<Record<Name, RoleDescription>>, boundary: aws.iam.Policy) =>
      Object.fromEntries(
        Object.entries<RoleDescription | undefined>(roles).map(([role, description]) => [role, new Role(this.named(role), scope, role, description!, boundary.arn, { parent: this })]),
      );
    this.services = build(serviceRoles(scope), this.boundary) as Record<ServiceRole, Role>;
    this.people = build(humanRoles(scope), this.boundary) as Partial<Record<HumanRole, Role>>;
    this.operations = build(operationsRoles(scope), this.boundary) as Partial<Record<OperationsRole, Role>>;
    const targets = releaseTargets(scope);
    if (targets.length > 0) {
      const boundary = this.createBoundary("release-boundary", "What release builds cannot exceed", releaseBoundary(scope, targets));
      this.releases = build(releaseRoles(scope), boundary) as Record<ReleaseRole, Role>;
    }
    this.registerOutputs({ boundaryArn: this.boundary.arn });
  }

  private createBoundary(suffix: string, description: string, statements: readonly Statement[]): aws.iam.Policy {
    const { names, rolePath } = this.scope;
    return new aws.iam.Policy(this.named(suffix), { name: names.of("policy", suffix), path: rolePath, description, policy: policyDocument(statements) }, this.child());
  }
}

/** One role under the permissions boundary, with the statements of all its duties in one inline policy. */
export class Role extends Component {
  readonly role: aws.iam.Role;
  /** What the role may do; whatever uses the role depends on it. */
  readonly duties: aws.iam.RolePolicy;

  constructor(name: string, scope: Scope, role: string, description: RoleDescription, boundaryArn: pulumi.Input<string>, options: pulumi.ComponentResourceOptions) {
    super("identity", "Role", name, scope, options);
    this.role = new aws.iam.Role(
      this.named("role"),
      {
        name: scope.roleName(role),
        path: scope.rolePath,
        description: description.description,
        assumeRolePolicy: trustOf(description, scope),
        permissionsBoundary: boundaryArn,
        maxSessionDuration: 3600,
      },
      this.child(),
    );
    this.duties = this.allow("duties", policyDocument(Object.values(description.duties).flat()));
    this.registerOutputs({ arn: this.role.arn });
  }

  get arn(): pulumi.Output<string> {
    return this.role.arn;
  }

  /** Adds a policy of its own for a duty whose resources are known only once they exist. */
  grant(duty: string, statements: pulumi.Input<readonly Statement[]>): aws.iam.RolePolicy {
    return this.allow(duty, pulumi.output(statements).apply((known) => policyDocument(known as Statement[])));
  }

  private allow(duty: string, policy: pulumi.Input<string>): aws.iam.RolePolicy {
    return new aws.iam.RolePolicy(this.named(duty), { name: duty, role: this.role.name, policy }, this.child());
  }
}

function trustOf({ trusted }: RoleDescription, scope: Scope): string {
  if (trusted !== "people") return trustService(trusted.service, scope.place.accountId);
  const { trustedPrincipals, requireMfa } = scope.settings.people;
  return trustPeople(trustedPrincipals.length > 0 ? trustedPrincipals : [scope.arns.accountRoot], requireMfa);
}
