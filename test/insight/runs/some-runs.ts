import type { MlflowRun } from "../../../aws/mlflow";

/** A run of MLflow; what is not named is the same in all. */
export function run(id: string, some: Partial<MlflowRun> = {}): MlflowRun {
  return {
    id,
    name: `run ${id}`,
    experiment: "peregrine",
    status: "FINISHED",
    startMs: Date.parse("2026-11-01T10:00:00Z"),
    endMs: Date.parse("2026-11-01T10:05:00Z"),
    artifactUri: `s3://bucket/mlflow/1/${id}/artifacts`,
    params: {},
    metrics: {},
    tags: {},
    ...some,
  };
}
