import { ObjectStore } from "../../aws/s3";
import { type ApprovedRelease, approvalState } from "../../lifecycle/supersession";
import { listReleases } from "../../records/release";
import type { Environment } from "../stack/environment";
import { alertSuperseded } from "./alert";
import { ledgerOf } from "./history";
import { EnvironmentLock } from "./lock";

/** What is left to do of an approval. */
export interface PendingApproval {
  /** Where the package is still to be released. */
  readonly environments: Environment[];
  /** Why the package goes nowhere: later decisions went live. */
  readonly superseded: readonly string[];
}

/**
 * The environments that a package still has to be released to by itself: those where it never went live. Where an
 * operation was interrupted the environment counts in any case: its lock says what is left to do.
 */
export async function pendingApproval(
  targets: readonly Environment[],
  packageArn: string,
  approved: ApprovedRelease | undefined,
): Promise<PendingApproval> {
  const states = await Promise.all(
    targets.map(async (target) => {
      const outputs = await target.outputs();
      if (await EnvironmentLock.peek(new ObjectStore(target.session), outputs.artifactsBucket))
        return { verdict: "pending", reasons: [] } as const;
      return approvalState(packageArn, approved, await listReleases(ledgerOf(target, outputs), target.name));
    }),
  );
  const superseded = states.flatMap(({ verdict, reasons }, index) =>
    verdict === "superseded" ? reasons.map((reason) => `${targets[index]!.name}: ${reason}`) : [],
  );
  const pending = targets.filter((_, index) => states[index]!.verdict === "pending");
  return { environments: superseded.length > 0 ? [] : pending, superseded };
}

/** Notifies those who answer for an environment that an approved package does not go live, since a later one did. */
export async function notifySuperseded(
  target: Environment,
  packageArn: string,
  reasons: readonly string[],
): Promise<void> {
  await alertSuperseded(target, await target.outputs(), {
    environment: target.name,
    modelPackageArn: packageArn,
    reasons,
  });
}
