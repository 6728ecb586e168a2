import { drawTimeChart } from "../charts/time-chart";
import { valueOf } from "../read-model/facts";
import { latest } from "../read-model/series";
import { shortVersion } from "../read-model/versions";
import { liveRelease } from "../../records/release";
import type { DrawnChart } from "./document";
import type { ReportFacts } from "./facts";
import { productionFirst } from "./verdict";

/** Quality and drift of what clients see, with the releases that happened meanwhile. */
export async function chartsOf({ platform }: ReportFacts): Promise<DrawnChart[]> {
  const shown = productionFirst(platform.environments).find((one) => liveRelease(valueOf(one.releases, [])));
  if (!shown || "unread" in shown.metrics) return [];
  const { map50, estimatedMap50 } = shown.metrics.value;
  const measured = latest(map50) !== undefined;
  const title = `Quality in ${shown.name}: mAP50 ${measured ? "on labelled answers" : "estimated without labels"}, and its objective`;
  const svg = await drawTimeChart({
    description: title,
    unit: "mAP50",
    lines: [{ label: "mAP50", series: measured ? map50 : estimatedMap50 }],
    objective: { value: shown.objectives.map50, label: "objective" },
    marks: valueOf(shown.releases, [])
      .filter(({ outcome, endedAt }) => outcome === "live" && endedAt >= platform.window.start)
      .map(({ endedAt, modelPackageArn }) => ({ at: endedAt, label: shortVersion(modelPackageArn) }))
      .slice(-12),
    from: platform.window.start,
    to: platform.window.end,
  });
  return svg === undefined ? [] : [{ title, svg }];
}
