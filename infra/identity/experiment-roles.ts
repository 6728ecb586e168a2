import type { Scope } from "../scope";
import { neverWriteDataset, readArtifacts, readDataset, useKey, writeArtifacts } from "./documents/data";
import { publishMetrics, pullImage, writeJobLogs } from "./documents/jobs";
import { joinNetwork } from "./documents/network";
import { prefixes } from "./prefixes";
import type { RoleDescription } from "./roles";

export type ExperimentRole = "experiment-execution";

/**
 * What experiments of data scientists run as. The pipeline's own roles write what candidates are made of (`runs/`, `checkpoints/`), so no
 * job with somebody's own command gets those: an experiment reads what the pipeline has and writes among people's own things. In development only.
 */
export function experimentRoles(scope: Scope): Partial<Record<ExperimentRole, RoleDescription>> {
  if (scope.environment !== "dev") return {};
  const { runs, weights, champion, users, mlflow } = prefixes;
  return {
    "experiment-execution": {
      description: "Experiments: read the dataset and the pipeline's results, write people's own folders",
      trusted: { service: "sagemaker.amazonaws.com" },
      duties: {
        dataset: [...readDataset(scope), ...neverWriteDataset(scope)],
        artifacts: [...readArtifacts(scope, [runs, weights, champion, users, mlflow]), ...writeArtifacts(scope, [users, mlflow])],
        work: [...pullImage(scope), ...writeJobLogs(scope), ...publishMetrics()],
        key: useKey(scope),
        network: joinNetwork(scope),
      },
    },
  };
}
