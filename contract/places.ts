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
  /** Reports and hourly summaries of monitoring; baselines lie with the releases. */
  monitoring: "monitoring/",
  /** What people say about answers, in Model Monitor's ground-truth layout. */
  labels: "labels/",
  /** Recorded verdicts about retraining, and what they read: known data, forecasts and their scores. */
  watch: "watch/",
  /** Tables that the business delivers. No role of ours writes them: nobody makes the numbers that he is judged by. */
  business: "business/",
  /** Images that nobody could answer at once, and their answers. */
  held: "held/",
  /** What ought to be, by who may say it (`contract/remediation.ts`): the administrator alone; */
  accountFacts: "facts/account/",
  /** release builds as well; */
  servingFacts: "facts/serving/",
  /** deployers as well. */
  watchFacts: "facts/watch/",
  /** Executive reports, by scope, kind and end of their period. */
  reports: "reports/",
  /** Violations, and what was done about them. */
  remediation: "remediation/",
} as const;

/** What a model archive is called, wherever it lies. */
export const archiveName = "model.tar.gz";

/** What `evaluate` wrote about a candidate, in the folder of its run. */
export const evaluationName = "evaluation.json";

/** What the model answered to each tile, beside the evaluation. */
export const outcomesName = "outcomes.json.gz";

/** Artifacts of a model's run that `evaluate` logs. */
export const evaluationArtifacts = "evaluation";

/** The archive that candidates are compared with. */
export const championKey = `${prefixes.champion}${archiveName}`;

/** Where a release's archive lies. @param sha256 of the archive, hexadecimal. */
export function releasedArchiveKey(sha256: string): string {
  return `${prefixes.releases}${sha256}/${archiveName}`;
}

/** Who releases, rolls back or tears down in the environment. */
export const lockKey = `${prefixes.releases}lock.json`;

/** The environment's ledger, one entry a line. */
export const ledgerKey = `${prefixes.ledger}ledger.jsonl`;

/** The environment's log, in C2SP's layout of tiles (`records/log/`). */
export const logPrefix = `${prefixes.ledger}log/`;

/** Who is behind the digests of the log. */
export const peoplePrefix = `${prefixes.ledger}people/`;

/** The project as release builds and image builds run it. */
export const sourceKey = `${prefixes.sources}peregrine.zip`;

/** A person's own folder, or what Studio shares (`infra/settings/people.ts`). @param name of the person. */
export function userPrefix(name: string): string {
  return `${prefixes.users}${name}/`;
}

/** A prefix for services that put the slash behind it themselves. */
export function withoutSlash(prefix: string): string {
  return prefix.replace(/\/$/, "");
}
