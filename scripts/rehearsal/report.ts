import { join } from "node:path";
import { environments } from "../../contract/environments";
import { reportFormats } from "../../insight/report/files";
import { openEnvironment } from "../project";
import { orderReport, writeReport } from "../report/report";
import type { Facts } from "./summary";

const folder = "executive-report";

/** Writes what somebody who decides is told of the whole rehearsal. */
export async function writeExecutiveReport(reportDir: string): Promise<Facts> {
  const opened = await Promise.all(environments.map(openEnvironment));
  const made = await orderReport(opened, { kind: "week", formats: reportFormats, keep: true, billed: true });
  await writeReport(made, join(reportDir, folder));
  const { verdict, missed, recommendations } = made.report;
  const first = missed[0];
  return {
    page: join(folder, "report.html"),
    verdict: verdict.light,
    missed: missed.length,
    ...(first ? { first: `${first.environment}: ${first.title} ${first.found}` } : {}),
    recommendations: recommendations.length,
  };
}
