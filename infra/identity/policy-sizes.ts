import { policyDocument } from "./document";
import type { RoleDescription } from "./roles/role-definition";
import { statementsOf } from "./roles/all-roles";

/**
 * Characters of a managed policy, and of all inline policies of a role together; white space does not count (IAM
 * quotas).
 */
export const managedLimit = 6_144;
export const inlineLimit = 10_240;

export interface PolicySize {
  /** `inline`, or the name of a managed policy's duty. */
  readonly policy: string;
  readonly size: number;
  readonly limit: number;
}

/** How big a role's policies are, and how big IAM lets them be. */
export function sizesOf(role: RoleDescription): PolicySize[] {
  if (!role.managed) return [{ policy: "inline", size: policyDocument(statementsOf(role)).length, limit: inlineLimit }];
  return Object.entries(role.duties).map(([duty, statements]) => ({
    policy: duty,
    size: policyDocument(statements).length,
    limit: managedLimit,
  }));
}
