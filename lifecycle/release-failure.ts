/**
 * Why a release failed. `policy`, `program` and `locked`: before any resource was touched; `provider`: AWS refused or
 * failed to make something; `health`: a container did not come up; `rejected`: it came up and failed what a release
 * must do, by a check of ours or an alarm; `unproven`: it came up, and its traffic was too thin to prove anything;
 * `unexpected`: for a reason that nobody foresaw.
 */
export type FailureKind =
  "policy" | "program" | "locked" | "provider" | "health" | "rejected" | "unproven" | "unexpected";

/** What follows from a failed release. */
export interface FailureConsequences {
  /** For its record. `rolled-back`: it came up and was taken back; `failed`: it did not come up. */
  readonly outcome: "rolled-back" | "failed";
  /** What the policy pack said of a plan that came to this end. */
  readonly policyPack: "passed" | "blocked" | "not-run";
  /**
   * Whether what is live may be another thing than before, so that the previous release has to be deployed and verified
   * again.
   */
  readonly redeploy: boolean;
  /**
   * Whether it speaks against the model: it was refused by the gate, by its tests or by SageMaker. Otherwise the
   * environment is to blame, or nobody knows.
   */
  readonly blamesModel: boolean;
}

/** What follows from a release's failure for its record and for the way back. */
export function consequencesOf(kind: FailureKind): FailureConsequences {
  switch (kind) {
    case "policy":
      return { outcome: "failed", policyPack: "blocked", redeploy: false, blamesModel: false };
    case "program":
    case "locked":
      return { outcome: "failed", policyPack: "not-run", redeploy: false, blamesModel: false };
    case "rejected":
      return { outcome: "rolled-back", policyPack: "passed", redeploy: true, blamesModel: true };
    case "unproven":
      return { outcome: "rolled-back", policyPack: "passed", redeploy: true, blamesModel: false };
    case "health":
      return { outcome: "failed", policyPack: "passed", redeploy: true, blamesModel: true };
    case "provider":
    case "unexpected":
      return { outcome: "failed", policyPack: "passed", redeploy: true, blamesModel: false };
  }
}
