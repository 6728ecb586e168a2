import { ObjectStore } from "../../aws/s3";
import { supersession } from "../../lifecycle/supersession";
import { listReleases } from "../../records/release";
import { alertSuperseded } from "./alert";
import { ledgerOf } from "./history";
import { EnvironmentLock } from "./lock";
import type { Environment } from "../stack/environment";

/** The release that somebody approved, and when. A trial of the same package may have been of other bytes: that was another release. */
export interface ApprovedRelease {
  readonly releaseId: string;
  /** ISO 8601 in UTC. */
  readonly decidedAt: string;
}

/** What is left to do of an approval. */
export interface Outstanding {
  readonly environments: Environment[];
  /** Why the package goes nowhere: later decisions went live. */
  readonly superseded: readonly string[];
}

/**
 * The environments that a package still has to be released to by itself: those where it never went live. An event may come twice, and
 * an old package's may come again when somebody edits it; what people or newer releases put in its place since must stay. Where an
 * operation was interrupted the environment counts in any case: its lock says what is left to do.
 */
export async function notYetReleased(
  targets: readonly Environment[],
  packageArn: string,
  approved: ApprovedRelease | undefined,
): Promise<Outstanding> {
  const found = await Promise.all(
    targets.map(async (target) => {
      const outputs = await target.outputs();
      if (await EnvironmentLock.look(new ObjectStore(target.session), outputs.artifactsBucket))
        return { open: true, superseded: [] };
      const releases = await listReleases(ledgerOf(target, outputs), target.name);
      const open = !releases.some(
        (one) =>
          one.modelPackageArn === packageArn &&
          one.outcome === "live" &&
          (approved === undefined || one.releaseId === approved.releaseId),
      );
      const { verdict, reasons } = supersession(packageArn, approved?.decidedAt, releases);
      return {
        open,
        superseded: open && verdict === "superseded" ? reasons.map((reason) => `${target.name}: ${reason}`) : [],
      };
    }),
  );
  const superseded = found.flatMap((one) => one.superseded);
  return { environments: superseded.length > 0 ? [] : targets.filter((_, index) => found[index]!.open), superseded };
}

/** Tells those who answer for an environment that an approved package does not go live, since a later one did. */
export async function tellSuperseded(
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
