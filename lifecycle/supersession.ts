import type { Decision } from "./gate";

/** What is kept of a release, as far as it can supersede another one. */
export interface DecidedRelease {
  readonly modelPackageArn: string;
  readonly outcome: string;
  /** Who decided about it, and when (ISO 8601, UTC). */
  readonly decision?: { readonly at: string; readonly person: string };
}

/**
 * Whether a package whose approval waits may still go live by itself. Approvals wait while a build runs, and queues keep no order: a release
 * that was decided later and is live by now must not be replaced. @param decidedAt of the package's newest decision; where it is unknown the gate refuses anyway.
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
