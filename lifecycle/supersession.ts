import type { Decision } from "./verdict";

/** What is kept of a release, as far as it can supersede another one. */
export interface DecidedRelease {
  readonly modelPackageArn: string;
  readonly outcome: string;
  /** Who decided about it, and when (ISO 8601, UTC). */
  readonly decision?: { readonly at: string; readonly person: string };
}

/**
 * Whether a package whose approval waits may still go live by itself. Approvals wait while a build runs, and queues
 * keep no order: a release that was decided later and is live by now must not be replaced.
 * @param decidedAt of the package's newest decision; where it is unknown the gate refuses anyway.
 */
export function supersession(
  modelPackageArn: string,
  decidedAt: string | undefined,
  releases: readonly DecidedRelease[],
): Decision<"release" | "superseded"> {
  const later =
    decidedAt === undefined
      ? undefined
      : releases.findLast(
          (one) =>
            one.outcome === "live" &&
            one.modelPackageArn !== modelPackageArn &&
            one.decision !== undefined &&
            Date.parse(one.decision.at) > Date.parse(decidedAt),
        );
  if (!later) return { verdict: "release", reasons: ["nothing that was decided later went live"] };
  return {
    verdict: "superseded",
    reasons: [
      `${later.modelPackageArn} went live, which ${later.decision!.person} approved at ${later.decision!.at}, after this package (${decidedAt})`,
    ],
  };
}

/**
 * The release that somebody approved, and when. A trial of the same package may have been of other bytes: that was
 * another release.
 */
export interface ApprovedRelease {
  readonly releaseId: string;
  /** ISO 8601 in UTC. */
  readonly decidedAt: string;
}

/**
 * What is left to do of an approval in one environment. An event may come twice, and an old package's may come again
 * when somebody edits it; what people or newer releases put in its place since must stay.
 * @param approved undefined where no decision approves the package: then it counts as released wherever it ever was
 * live.
 * @param releases of the environment, oldest first.
 */
export function approvalState(
  modelPackageArn: string,
  approved: ApprovedRelease | undefined,
  releases: readonly (DecidedRelease & { readonly releaseId: string })[],
): Decision<"pending" | "released" | "superseded"> {
  const live = releases.find(
    (one) =>
      one.modelPackageArn === modelPackageArn &&
      one.outcome === "live" &&
      (approved === undefined || one.releaseId === approved.releaseId),
  );
  if (live) return { verdict: "released", reasons: [`it went live as ${live.releaseId}`] };
  const { verdict, reasons } = supersession(modelPackageArn, approved?.decidedAt, releases);
  return { verdict: verdict === "superseded" ? "superseded" : "pending", reasons };
}
