import type { Scope } from "../../scope";
import { namesOf } from "../../settings/people";
import { neverWriteDataset, readInputs, readDataset, useKey, writeArtifacts } from "../documents/data";
import { publishExperimentMetrics, pullImage, writeJobLogs } from "../documents/jobs";
import { joinNetwork } from "../documents/network";
import { folderOf } from "../documents/people";
import { prefixes } from "../../../contract/places";
import { define, type RoleDescription, rolesOf } from "./role-definition";

export type ExperimentRole = `experiment-${string}`;

const { runs, weights } = prefixes;

/**
 * Execution roles of experiments, one for each data scientist: what a person's own code in a job may do. It reads what
 * experiments start from and writes under the person's name alone, so that nothing of an experiment gets where the
 * pipeline, the registry or production would take it for theirs. Artifacts in MLflow too belong there: an experiment
 * that logs any is made with an `artifact_location` under the person's folder.
 */
const experiment = define({
  name: "experiment-*",
  kind: "experiment",
  description: (_scope, name) => `Experiments of ${name}: read the dataset and runs, write under ${folderOf(name)}`,
  trusted: { service: "sagemaker.amazonaws.com" },
  writes: ["users"],
  mlflow: "job",
  expected: { column: "EXP" },
  exists: ({ environment }) => environment === "dev",
  instances: ({ settings }) => namesOf(settings.people.members, "data-scientist"),
  duties: (scope, name) => ({
    image: pullImage(scope),
    logs: writeJobLogs(scope),
    metrics: publishExperimentMetrics(scope, "training", "processing"),
    key: useKey(scope),
    network: joinNetwork(scope),
    dataset: [...readDataset(scope), ...neverWriteDataset(scope)],
    artifacts: [...readInputs(scope, [runs, weights, folderOf(name)]), ...writeArtifacts(scope, [folderOf(name)])],
  }),
});

export const experimentDefinitions = [experiment] as const;

export function experimentRoles(scope: Scope): Record<ExperimentRole, RoleDescription> {
  return rolesOf(experimentDefinitions, scope) as Record<ExperimentRole, RoleDescription>;
}
