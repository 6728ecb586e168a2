import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Scope } from "../scope";
import { policyDocument, type Statement, trustPeople, trustService } from "./document";
import { permissionsBoundary } from "./documents/boundary";
import { type HumanRole, humanRoles, type RoleDescription, type ServiceRole, serviceRoles } from "./roles";

/** Who may do what: a permissions boundary, the roles of AWS services, and the roles of people. */
export class Identity extends Component {
  readonly boundary: aws.iam.Policy;
  readonly services: Readonly<Record<ServiceRole, Role>>;
  readonly people: Readonly<Partial<Record<HumanRole, Role>>>;

  constructor(name: string, scope: Scope, options: pulumi.ComponentResourceOptions) {
    super("identity", "Identity", name, scope, options);
    this.boundary = new aws.iam.Policy(
      this.named("boundary"),
      {
        name: scope.names.of("policy", "boundary"),
        path: scope.rolePath,
        description: "What no role of the environment can exceed",
        policy: policyDocument(permissionsBoundary(scope)),
      },
      this.child(),
    );
    const build = <Name extends string>(roles: Partial<Record<Name, RoleDescription>>) =>
      Object.fromEntries(
        Object.entries<RoleDescription | undefined>(roles).map(([role, description]) => [role, new Role(this.named(role), scope, role, description!, this.boundary.arn, { parent: this })]),
      );
    this.services = build(serviceRoles(scope)) as Record<ServiceRole, Role>;
    this.people = build(humanRoles(scope)) as Partial<Record<HumanRole, Role>>;
    this.registerOutputs({ boundaryArn: this.boundary.arn });
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
