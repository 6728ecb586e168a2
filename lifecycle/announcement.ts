import type { CandidateNews } from "../contract/pipeline-messages";
import type { Decision } from "./verdict";

export interface Announcement extends Decision<"first-model" | "better" | "equal" | "worse"> {
  /** At most 100 ASCII characters, the limit of SNS subjects. */
  readonly subject: string;
  readonly body: string;
}

/** Differences below this are called equal: they are smaller than what a repeated training changes by itself. */
const equalWithin = 0.005;

/** Decides how a candidate is presented to those who approve it. */
export function announce(news: Omit<CandidateNews, "pipelineExecutionArn">): Announcement {
  const { map50, map50Gain } = news;
  const first = Math.abs(map50Gain - map50) < 1e-9;
  const verdict = first
    ? "first-model"
    : map50Gain > equalWithin
      ? "better"
      : map50Gain < -equalWithin
        ? "worse"
        : "equal";
  const reasons = [
    `mAP50 ${map50.toFixed(3)} on the test split`,
    first
      ? "there is no champion to compare with"
      : `${map50Gain >= 0 ? "+" : ""}${map50Gain.toFixed(3)} mAP50 against the champion on the same split`,
    ...(news.staging ? [`it runs in staging: ${news.staging}`] : []),
  ];
  const version = news.modelPackageArn.split("/").slice(-2).join(" version ");
  return {
    verdict,
    reasons,
    subject: `[${news.environment}] Candidate ${version}: ${titles[verdict]}`.slice(0, 100),
    body: [
      `Model package ${news.modelPackageArn} waits for a decision.`,
      "",
      ...reasons.map((reason) => `  - ${reason}`),
      "",
      `Evaluation: ${news.reportUri}`,
      `Approve it, as approver: npx peregrine approve ${news.modelPackageArn} --why REASON`,
    ].join("\n"),
  };
}

const titles = {
  "first-model": "first model",
  better: "better than the champion",
  equal: "as good as the champion",
  worse: "worse than the champion",
} as const;
