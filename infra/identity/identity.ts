import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Scope } from "../scope";
import { type Boundary, boundaries } from "./boundaries";
import { policyDocument, type Statement } from "./document";
import { releaseTargets } from "./documents/release";
import { type ExperimentRole, experimentRoles } from "./roles/experiments";
import { type OperationsRole, operationsRoles } from "./roles/operations";
import { type HumanRole, humanRoles } from "./roles/people";
import { type ReleaseRole, releaseRoles } from "./roles/release";
import { type BoundaryName, maxSessionSeconds, type RoleDescription } from "./roles/role-definition";
import { type ServiceRole, serviceRoles } from "./roles/services";
import { type StudioRole, studioRoles } from "./roles/studio";
import { trustOf } from "./trust";

/** The role of trials only where there are any. */
export type ReleaseRoles = Readonly<
  Record<Exclude<ReleaseRole, "staging-trial">, Role> & Partial<Record<"staging-trial", Role>>
>;

/** Who may do what: permissions boundaries, the roles of AWS services, and the roles of people. */
export class Identity extends Component {
  readonly boundary: aws.iam.Policy;
  /** What those cannot exceed who deploy. */
  readonly deployerBoundary: aws.iam.Policy;
  readonly services: Readonly<Record<ServiceRole, Role>>;
  readonly people: Readonly<Partial<Record<HumanRole, Role>>>;
  /** Those of what watches, forwards, builds and tells, as far as the settings ask for it. */
  readonly operations: Readonly<Partial<Record<OperationsRole, Role>>>;
  /** Execution roles of Studio's user profiles, by what their people are. */
  readonly studio: Readonly<Partial<Record<StudioRole, Role>>>;
  /** Execution roles of experiments, one for each data scientist. */
  readonly experiments: Readonly<Record<ExperimentRole, Role>>;
  /** Those of release builds; undefined where people release. */
  readonly releases: ReleaseRoles | undefined;

  constructor(name: string, scope: Scope, options: pulumi.ComponentResourceOptions) {
    super("identity", "Identity", name, scope, options);
    const policies = Object.fromEntries(
      Object.entries(boundaries(scope)).map(([suffix, boundary]) => [suffix, this.createBoundary(suffix, boundary)]),
    ) as Record<BoundaryName, aws.iam.Policy>;
    const build = <Name extends string>(roles: Partial<Record<Name, RoleDescription>>) =>
      Object.fromEntries(
        Object.entries<RoleDescription | undefined>(roles).map(([role, description]) => [
          role,
          new Role(this.named(role), scope, role, description!, policies[description!.boundary ?? "boundary"].arn, {
            parent: this,
            dependsOn: options.dependsOn,
          }),
        ]),
      );
    this.boundary = policies.boundary;
    this.deployerBoundary = policies["deployer-boundary"];
    this.services = build(serviceRoles(scope)) as Record<ServiceRole, Role>;
    this.people = build(humanRoles(scope)) as Partial<Record<HumanRole, Role>>;
    this.operations = build(operationsRoles(scope)) as Partial<Record<OperationsRole, Role>>;
    this.studio = build(studioRoles(scope)) as Partial<Record<StudioRole, Role>>;
    this.experiments = build(experimentRoles(scope)) as Record<ExperimentRole, Role>;
    if (releaseTargets(scope).length > 0) this.releases = build(releaseRoles(scope)) as ReleaseRoles;
    this.registerOutputs({ boundaryArn: this.boundary.arn });
  }

  private createBoundary(suffix: string, { description, statements }: Boundary): aws.iam.Policy {
    const { names, rolePath } = this.scope;
    return new aws.iam.Policy(
      this.named(suffix),
      { name: names.of("policy", suffix), path: rolePath, description, policy: policyDocument(statements) },
      this.child(),
    );
  }
}

/**
 * One role under a permissions boundary, with the statements of all its duties in one inline policy, or in a managed
 * policy for each.
 */
export class Role extends Component {
  readonly role: aws.iam.Role;
  /** What the role may do; whatever uses the role depends on it. */
  readonly duties: pulumi.Resource;
  /** The role's name without the environment's prefix. */
  private readonly plainName: string;

  constructor(
    name: string,
    scope: Scope,
    role: string,
    description: RoleDescription,
    boundaryArn: pulumi.Input<string>,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("identity", "Role", name, scope, options);
    this.plainName = role;
    this.role = new aws.iam.Role(
      this.named("role"),
      {
        name: scope.roleName(role),
        path: scope.rolePath,
        description: description.description,
        assumeRolePolicy: trustOf(description, scope, role),
        permissionsBoundary: boundaryArn,
        maxSessionDuration: maxSessionSeconds,
        // A spent budget attaches a policy that this program does not know of.
        forceDetachPolicies: true,
      },
      this.child({ dependsOn: options.dependsOn }),
    );
    const { duties, managed } = description;
    this.duties = managed
      ? this.attachAll(role, duties)
      : this.allow("duties", policyDocument(Object.values(duties).flat()));
    this.registerOutputs({ arn: this.role.arn });
  }

  get arn(): pulumi.Output<string> {
    return this.role.arn;
  }

  /**
   * Adds a managed policy for a duty whose resources are known only once they exist. Not an inline one: those of a role
   * share 10,240 characters (IAM quotas), which its duties nearly fill.
   */
  grant(duty: string, statements: pulumi.Input<readonly Statement[]>): aws.iam.RolePolicyAttachment {
    return this.attach(
      this.plainName,
      duty,
      pulumi.output(statements).apply((known) => policyDocument(known as Statement[])),
    );
  }

  private allow(duty: string, policy: pulumi.Input<string>): aws.iam.RolePolicy {
    return new aws.iam.RolePolicy(this.named(duty), { name: duty, role: this.role.name, policy }, this.child());
  }

  /** @returns the last of a chain of attachments, which stands for all of them. */
  private attachAll(role: string, duties: RoleDescription["duties"]): pulumi.Resource {
    return Object.entries(duties).reduce<pulumi.Resource>(
      (before, [duty, statements]) => this.attach(role, duty, policyDocument(statements), before),
      this.role,
    );
  }

  private attach(
    role: string,
    duty: string,
    document: pulumi.Input<string>,
    before: pulumi.Resource = this.role,
  ): aws.iam.RolePolicyAttachment {
    const { names, rolePath } = this.scope;
    const policy = new aws.iam.Policy(
      this.named(duty),
      { name: names.of("policy", role, duty), path: rolePath, policy: document },
      this.child(),
    );
    return new aws.iam.RolePolicyAttachment(
      this.named(`${duty}-attachment`),
      { role: this.role.name, policyArn: policy.arn },
      this.child({ dependsOn: [before] }),
    );
  }
}

/** Roles of an environment by their names, but for those of releases and continuous integration. */
export function rolesOf({
  services,
  people,
  operations,
  studio,
  experiments,
}: Identity): Readonly<Record<string, Role>> {
  return { ...services, ...people, ...operations, ...studio, ...experiments };
}
