/** Environment variables of release builds (`infra/delivery/buildspec.yml` reads them). */
export const buildVariable = {
  /** Environment whose registry the package is in; set by the project. */
  registry: "REGISTRY",
  /** Environments that the release goes to, comma-separated, in order; set by the project, narrowed by requests. */
  targets: "RELEASE_TARGETS",
  /** Pulumi backend with the stacks' state, where the build's image names none; set by the project. */
  backendUrl: "RELEASE_BACKEND_URL",
  modelPackageArn: "MODEL_PACKAGE_ARN",
  /** Who asked for the build, as the queue knows it. */
  requestedBy: "REQUESTED_BY",
  /** The release to go back to, or `releaseBefore`. */
  rollbackTo: "ROLLBACK_TO",
  /** The file of an experiment that is to begin. */
  startExperiment: "START_EXPERIMENT",
  /** The experiment whose challenger is to be taken away. */
  endExperiment: "END_EXPERIMENT",
  /** The pipeline's step that waits for the build: it is a trial. */
  callbackToken: "CALLBACK_TOKEN",
} as const;

/** Environment variables by which the program tells each handler what it works on; the handler's name is its file's. */
export const handlerVariables = {
  "announce-candidate": ["TOPIC_ARN"],
  /** `MAX_RECEIVES`: after so many tries the queue gives a message up. */
  "deploy-candidate": ["RELEASE_PROJECT", "TRIAL_ENVIRONMENT", "MAX_RECEIVES"],
  "end-trial": [],
  /**
   * `POLICY` and `HOSTS`: JSON of the policy's settings and of `PipelineHosts`. `ENDPOINTS`: comma-separated, those whose
   * comparisons of variants come first.
   */
  "decide-retraining": [
    "PIPELINE",
    "MODEL_PACKAGE_GROUP",
    "ARTIFACTS_BUCKET",
    "EVENT_BUS",
    "ENDPOINTS",
    "POLICY",
    "HOSTS",
  ],
  "explain-failure": ["EVENT_BUS"],
  /** `LATENCY_MS`: a request that takes longer is slow. */
  "look-at-experiment": ["ENVIRONMENT", "ENDPOINT", "ARTIFACTS_BUCKET", "EVENT_BUS", "LATENCY_MS"],
  feedback: ["ARTIFACTS_BUCKET", "ENDPOINT_NAME"],
  /** `RUNGS`: those that the environment has, comma-separated. `TIMEOUT_SECONDS`: how long one may take. */
  "front-door": ["ENVIRONMENT", "ARTIFACTS_BUCKET", "EVENT_BUS", "RUNGS", "TIMEOUT_SECONDS"],
  "answer-held": ["ENVIRONMENT", "ARTIFACTS_BUCKET", "EVENT_BUS", "RUNGS", "TIMEOUT_SECONDS"],
  /** `LIMITS`: JSON of `ForecastLimits`. */
  forecast: ["ENDPOINT", "VARIANT", "ENVIRONMENT", "ARTIFACTS_BUCKET", "EVENT_BUS", "LIMITS"],
  /** `KPIS`: JSON of `kpiCatalogue`. `SETTLE_DAYS`: after which no more labels of a day are expected. */
  "publish-kpis": ["ENVIRONMENT", "ENDPOINT", "ARTIFACTS_BUCKET", "KPIS", "SETTLE_DAYS"],
  /** `KIND`: of `reportKinds`. `OBJECTIVES` and `OWNERS`: JSON, as the report's facts have them. `DOOR`: its URL, or empty. */
  report: ["ENVIRONMENT", "ENDPOINT", "ARTIFACTS_BUCKET", "TOPIC_ARN", "KIND", "OBJECTIVES", "OWNERS", "DOOR"],
  /** `POLICY`: JSON of `escalationPolicy`. */
  escalate: ["ENVIRONMENT", "ARTIFACTS_BUCKET", "POLICY"],
  /** `KEY`: of the data, without which nothing can be read. `MODE`: of `remediationModes`. `WAIVERS`: JSON. */
  heal: ["ENVIRONMENT", "ARTIFACTS_BUCKET", "EVENT_BUS", "KEY", "MODEL_PACKAGE_GROUP", "MODE", "WAIVERS"],
  "find-new-data": ["DATASET_BUCKET", "DATASET_PREFIX", "ARTIFACTS_BUCKET", "EVENT_BUS"],
  /** `LOG_KEY`: ARN of the key that signs. `LOG_HEAD`: the parameter with the newest checkpoint. */
  "record-changes": ["ENVIRONMENT", "ARTIFACTS_BUCKET", "AUDIT_BUCKET", "LOG_KEY", "LOG_HEAD"],
  /** `WITNESSED`: environments whose logs it witnesses, comma-separated. */
  "witness-log": ["WITNESSED"],
  /** `RELEASE_TARGETS`: comma-separated. */
  "start-release": ["RELEASE_PROJECT", "REGISTRY", "RELEASE_TARGETS"],
  "start-release-before": ["ENVIRONMENT", "ARTIFACTS_BUCKET", "EVENT_BUS"],
  /** `TARGETS`: JSON of `alertTargets`. */
  tell: ["ENVIRONMENT", "STATE_BUCKET", "TARGETS"],
} as const;

export type Handler = keyof typeof handlerVariables;

/** The variables of one handler, with values that may not be known yet. */
export type HandlerVariables<Name extends Handler, Value = string> = Readonly<
  Record<(typeof handlerVariables)[Name][number], Value>
>;

/** Functions that start release builds and end trials. */
export const releaseHandlers = ["deploy-candidate", "end-trial", "start-release"] as const satisfies readonly Handler[];

/** A handler's variables as its function has them. @throws Error naming all that the program did not set. */
export function readVariables<Name extends Handler>(
  handler: Name,
  environment: Readonly<Record<string, string | undefined>>,
): HandlerVariables<Name> {
  const names: readonly string[] = handlerVariables[handler];
  const missing = names.filter((name) => environment[name] === undefined);
  if (missing.length > 0) throw new Error(`${handler} has no ${missing.join(", ")} in its environment`);
  return Object.fromEntries(names.map((name) => [name, environment[name]])) as HandlerVariables<Name>;
}
