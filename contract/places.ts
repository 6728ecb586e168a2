/** Prefixes of the artifacts bucket, by what lies there. */
export const prefixes = {
  /** Outputs of pipeline executions, one folder each. */
  runs: "runs/",
  checkpoints: "checkpoints/",
  /** Base weights that fine-tuning starts from. */
  weights: "weights/",
  /** The archive that candidates are compared with. */
  champion: "champion/",
  /** Released archives, addressed by their digest, and the environment's lock. */
  releases: "releases/",
  /** What happened, sealed. */
  ledger: "ledger/",
  /** Signed decisions about candidates, by package. */
  approvals: "approvals/",
  /** The project as release builds run it. */
  sources: "sources/",
  /** What people of experiments keep for themselves. */
  users: "users/",
  capture: "capture/",
  mlflow: "mlflow/",
  definitions: "definitions/",
  /** What Studio's apps fetch when they start. */
  studio: "studio/",
  /** Baselines and reports of monitoring. */
  monitoring: "monitoring/",
} as const;
