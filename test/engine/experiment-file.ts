import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExperimentMode } from "../../contract/desired-release";
import type { ExperimentDesignInput } from "../../lifecycle/experiment/design";
import type { ProjectCopy } from "./project-copy";

const usual: Omit<ExperimentDesignInput, "name" | "maximumHours"> = {
  unit: "request",
  challengerPercent: 50,
  metric: { name: "f1", better: "higher" },
  question: { kind: "superiority", minimumEffect: 0.1 },
  stopping: { rule: "group-sequential", looks: 5 },
};
const traffic = { requestsPerSecond: 1, flightSize: 1, correlation: 0, deviation: 0.25, labelledShare: 0.5 };

/** Writes what somebody asks for: an experiment by request, of little traffic. @returns its path. */
export function experimentFile(
  { folder }: ProjectCopy,
  design: Partial<ExperimentDesignInput> & Pick<ExperimentDesignInput, "name" | "maximumHours">,
  mode: ExperimentMode = "live",
): string {
  const path = join(folder, ".peregrine", `${design.name}.json`);
  writeFileSync(path, JSON.stringify({ mode, design: { ...usual, ...design }, traffic }));
  return path;
}
