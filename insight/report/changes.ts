import type { Evidence } from "../read-model/facts";
import { evidenceOf, valueOf } from "../read-model/facts";
import { shortVersion, versionName } from "../read-model/versions";
import type { ReportFacts } from "./facts";
import { within } from "./period";
import { productionFirst } from "./verdict";

/** Something that became of a model in the period. */
export interface ModelChange {
  /** ISO 8601. */
  readonly at: string;
  readonly environment: string;
  readonly what: string;
  readonly why: string;
  readonly evidence: readonly Evidence[];
}

/** Promotions, rollbacks, refusals, verdicts of experiments, and decisions to train: newest first. */
export function changesOf({ platform, period }: ReportFacts): ModelChange[] {
  const all = productionFirst(platform.environments).flatMap(({ name, releases, experiments, retraining }) => [
    ...valueOf(releases, []).map((one): ModelChange => {
      const version = shortVersion(one.modelPackageArn);
      const gain = one.evaluation?.map50Gain;
      const interval = one.evaluation?.map50GainCi95;
      return {
        at: one.endedAt,
        environment: name,
        what:
          one.outcome === "live"
            ? one.kind === "rollback"
              ? `rolled back to ${version}`
              : `${version} went live`
            : `${version} was ${one.outcome}`,
        why:
          one.outcome === "live"
            ? [
                ...(one.decision ? [`${one.decision.person}: ${one.decision.why}`] : []),
                ...(gain !== undefined
                  ? [
                      `mAP50 ${signed(gain)}${interval ? ` (${signed(interval[0])} to ${signed(interval[1])})` : ""} on held-out images`,
                    ]
                  : []),
                ...one.reasons,
              ].join("; ") || "no reason was recorded"
            : (one.reasons[0] ?? "no reason was recorded"),
        evidence: [
          {
            what: `ledger entry ${one.entry.sequence} of ${name}`,
            command: `npx peregrine release show ${one.releaseId} --stack ${name}`,
          },
        ],
      };
    }),
    ...valueOf(experiments, []).flatMap(({ id, ended, designed }): ModelChange[] =>
      ended
        ? [
            {
              at: ended.at,
              environment: name,
              what: `experiment ${id} ended: ${ended.outcome}`,
              why: `${versionName(designed.challenger.modelPackageArn)} against ${versionName(designed.champion.modelPackageArn)}: ${ended.reasons[0]}`,
              evidence: [evidenceOf(experiments)],
            },
          ]
        : [],
    ),
    ...valueOf(retraining, [])
      .filter(({ verdict }) => verdict === "retrain")
      .map(({ decidedAt, proposal, reasons }): ModelChange => ({
        at: decidedAt,
        environment: name,
        what: "a retraining started",
        why: `${proposal.reason}; ${reasons[0] ?? ""}`.replace(/; $/, ""),
        evidence: [evidenceOf(retraining)],
      })),
  ]);
  return all
    .filter(({ at }) => within(at, period))
    .sort((one, other) => (one.at === other.at ? (one.what < other.what ? -1 : 1) : one.at < other.at ? 1 : -1));
}

const signed = (value: number): string => `${value < 0 ? "" : "+"}${value.toFixed(3)}`;
