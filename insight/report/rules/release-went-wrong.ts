import { liveRelease } from "../../../records/release";
import { valueOf } from "../../read-model/facts";
import { shortVersion } from "../../read-model/versions";
import type { RecommendationRule } from "../rule";

/** A release that was taken back or did not come up is looked into until another one went live. */
export const releaseWentWrong: RecommendationRule = {
  name: "release-went-wrong",
  when: "The last release of an environment failed or was rolled back, and none went live since.",
  area: "model",
  reads: ["releases"],
  find: ({ name, releases: read }) => {
    const releases = valueOf(read, []);
    const last = releases.at(-1);
    if (!last || last.outcome === "live" || last.outcome === "rejected") return [];
    if (last.releaseId === liveRelease(releases)?.releaseId) return [];
    const command = `npx peregrine release show ${last.releaseId} --stack ${name}`;
    return [
      {
        subject: last.releaseId,
        severity: "warning",
        action: `Find out why ${shortVersion(last.modelPackageArn)} was ${last.outcome} in ${name}.`,
        command,
        why: `${last.reasons[0] ?? "No reason was recorded"}.`,
        evidence: [{ what: `ledger entry ${last.entry.sequence} of ${name}`, command }],
        value: { unknown: "what the candidate is worth is known once it serves", command },
        cost: "an engineer's time",
        risk: "None by looking; what served before still serves.",
        confidence: "measured",
      },
    ];
  },
};
