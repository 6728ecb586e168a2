import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Scope } from "../scope";
import { policyDocument } from "./document";
import { budgetBoundary, stopLaunches } from "./documents/spending";
import { type FoundationRole, foundationRoles } from "./roles/foundation";
import { budgetRole, launchingRoles } from "./roles/budget";
import { Role } from "./identity";

/**
 * What a spent budget attaches to the launching roles. Made before all roles: a policy in use cannot be deleted, so it
 * must outlive them.
 */
export class LaunchStop extends Component {
  readonly policy: aws.iam.Policy;

  constructor(name: string, scope: Scope, options: pulumi.ComponentResourceOptions) {
    super("identity", "LaunchStop", name, scope, options);
    this.policy = new aws.iam.Policy(
      this.named("policy"),
      {
        name: scope.names.of("policy", "stop-launches"),
        path: scope.rolePath,
        description: "Denies what starts to cost; attached when the budget is spent",
        policy: policyDocument(stopLaunches()),
      },
      this.child(),
    );
    this.registerOutputs({ policyArn: this.policy.arn });
  }
}

/** Roles of the AWS services that keep the environment itself: network, trail, nights, budget. */
export class FoundationRoles extends Component {
  readonly roles: Readonly<Partial<Record<FoundationRole, Role>>>;
  /** Attaches the stop; undefined where the budget only alerts. */
  readonly budgetAction: Role | undefined;

  constructor(name: string, scope: Scope, boundaryArn: pulumi.Input<string>, options: pulumi.ComponentResourceOptions) {
    super("identity", "FoundationRoles", name, scope, options);
    const own = { parent: this };
    this.roles = Object.fromEntries(
      Object.entries(foundationRoles(scope)).map(([role, description]) => [
        role,
        new Role(this.named(role), scope, role, description!, boundaryArn, own),
      ]),
    );
    const budget = budgetRole(scope);
    if (budget)
      this.budgetAction = new Role(
        this.named("budget-action"),
        scope,
        "budget-action",
        budget,
        this.createBudgetBoundary().arn,
        own,
      );
    this.registerOutputs({});
  }

  private createBudgetBoundary(): aws.iam.Policy {
    const { names, rolePath } = this.scope;
    return new aws.iam.Policy(
      this.named("budget-boundary"),
      {
        name: names.of("policy", "budget-boundary"),
        path: rolePath,
        description: "What the budget action cannot exceed",
        policy: policyDocument(budgetBoundary(this.scope, launchingRoles(this.scope))),
      },
      this.child(),
    );
  }
}
