import { keptRights } from "./kept";

/** Statements of a role that has a reason for each in the account of used rights: the same one. */
function asKept(role: string): Record<string, string> {
  return Object.fromEntries(
    keptRights
      .filter(({ roles }) => roles.includes(role))
      .flatMap(({ rights, noticedBy, why }) => rights.map((sid) => [`${role} ${sid}`, `${noticedBy}: ${why}`])),
  );
}

/**
 * Statements whose removal neither a cell of the matrix nor a recorded call shows by itself (the cell asks about
 * another thing, or another statement of the role may cover the call): `role Sid` -> who notices.
 */
export const keptStatements: Readonly<Record<string, string>> = {
  "auditor ReadTrailFiles": "test/truth/services.spec.ts, where the auditor reads a file of the trail",
  "auditor OpenTrailFiles":
    "test/truth/services.spec.ts, where the auditor reads a file of the trail; UseKey is of another key, which its alias says",
  "auditor AskWitness": "test/automation/audit/log-on-local-cloud.spec.ts, where the auditor asks the witness",
  "auditor ReadManifests": "test/engine/lineage.spec.ts, where the auditor asks for an image's way",
  "auditor ReadTrailLog": "needs AWS: the matrix asks for logs of endpoints and functions",
  "deployer TagTracking":
    "test/truth/deployer.spec.ts, where the deployer makes the MLflow App anew; the matrix asks for tags of endpoints",
  "deployer DeployTracking": "test/truth/deployer.spec.ts, as above",
  "deployer KeepFunctionUrls": "test/truth/deployer.spec.ts, where the deployer makes the URL of feedback anew",
  "ml-engineer FindFeedback":
    "test/infra/feedback/feedback-on-local-cloud.spec.ts, where an ML engineer gives feedback",
  "ml-engineer GiveFeedbackByUrl":
    "test/infra/feedback/feedback-on-local-cloud.spec.ts; the matrix asks for the function itself, and is denied",
  "feedback KeepLabels": "test/infra/feedback/feedback-on-local-cloud.spec.ts, where the function writes the labels",
  "feedback WriteLogs": "test/infra/feedback/feedback-on-local-cloud.spec.ts, where the function logs",
  "feedback EncryptLabels": "test/infra/feedback/feedback-on-local-cloud.spec.ts, where the bucket encrypts by the key",
  "ml-engineer UseFrontDoorByUrl":
    "test/infra/front-door/failover-on-local-cloud.spec.ts; the matrix asks for the function itself, and is denied",
  "front-door AskModels": "test/infra/front-door/failover-on-local-cloud.spec.ts, where the door asks its models",
  "front-door SeeVariants":
    "test/infra/front-door/failover-on-local-cloud.spec.ts, where every flight keeps its variant",
  "front-door MissObjects": "test/infra/front-door/failover-on-local-cloud.spec.ts, where nothing failed yet",
  "front-door AgreeOnServers": "test/infra/front-door/failover-on-local-cloud.spec.ts, where a model fails",
  "front-door HoldImages": "test/infra/front-door/failover-on-local-cloud.spec.ts, where nobody can answer",
  "front-door QueueImages": "test/infra/front-door/failover-on-local-cloud.spec.ts, where nobody can answer",
  "front-door TellSwitches":
    "test/infra/front-door/failover-on-local-cloud.spec.ts, where people are told of every switch",
  "front-door WriteLogs": "test/infra/front-door/failover-on-local-cloud.spec.ts, where both functions log",
  "front-door UseKey": "test/infra/front-door/failover-on-local-cloud.spec.ts, where the bucket encrypts by the key",
  "monitoring-execution LimitInstanceTypes":
    "test/infra/monitoring/monitoring.spec.ts; the matrix asks for jobs of people and of the training pipeline",
  "monitoring-execution LimitJobTime": "test/infra/monitoring/monitoring.spec.ts, as above",
  ...asKept("report"),
  ...asKept("report-start"),
  ...asKept("record-changes"),
  ...asKept("witness-log"),
  ...Object.fromEntries(
    ["ShowLog", "AskWitness", "MissLocked", "LockLog"].map((sid) => [
      `release-build ${sid}`,
      "test/automation/audit/log-on-local-cloud.spec.ts, where a build's entry is locked, and shown to staging",
    ]),
  ),
  "release-build TidyLog": "test/records/log/log.spec.ts, where a bundle is full",
  "forecast SeeMetrics": "test/infra/forecasting/forecasts-on-local-cloud.spec.ts, where the function forecasts",
  "forecast SeeEndpoint": "test/infra/forecasting/forecasts-on-local-cloud.spec.ts, as above",
  "forecast ListForecasts": "test/infra/forecasting/forecasts-on-local-cloud.spec.ts, where nothing is remembered yet",
  "forecast KeepForecasts": "test/infra/forecasting/forecasts-on-local-cloud.spec.ts, where it remembers",
  "forecast Tell": "test/infra/forecasting/forecasts-on-local-cloud.spec.ts, where it warns",
  "forecast WriteLogs": "test/infra/forecasting/forecasts-on-local-cloud.spec.ts, where it logs",
  "forecast UseKey": "test/infra/forecasting/forecasts-on-local-cloud.spec.ts, where the bucket encrypts by the key",
  ...asKept("publish-kpis"),
  ...asKept("publish-kpis-start"),
  "forecast-start StartForecast":
    "needs AWS: Scheduler calls the function once a day, as in a rehearsal that lasts so long",
  "forecast-start KeepDeadLetters": "needs AWS: the function does not answer",
  ...Object.fromEntries(
    ["SeeMetrics", "ReadAnswers", "SeeEndpoint", "MissEvidence", "ReadEvidence", "KeepLooks", "MoveTraffic"]
      .concat("Tell", "WriteLogs", "UseKey")
      .map((sid) => [
        `look-at-experiment ${sid}`,
        "test/engine/experiments.spec.ts, where an experiment is won and another one lost",
      ]),
  ),
  ...asKept("heal"),
  "look-at-experiment AskForReleases":
    "test/engine/experiment-builds.spec.ts, where the function asks for what follows",
  "look-at-experiment-start StartLook": "test/engine/experiments.spec.ts, as above",
  "look-at-experiment-start KeepDeadLetters": "needs AWS: the function does not answer",
  "release-build ReadAnswers":
    "test/automation/release/guard/guard-on-local-cloud.spec.ts, where what containers say has a release taken back",
  "release-build ReadEndings": "test/engine/experiment-builds.spec.ts, where a build takes the loser away",
  "release-build ReadCandidates":
    "test/engine/delivery.spec.ts: no build can read the package that it releases. (By its pattern `*/peregrine-<target>-*`, SeeEnvironments might fit a package's ARN; by AWS's names it does not.)",
  "release-build VerifyDecisions":
    "test/engine/delivery.spec.ts, where builds verify who decided; SignLog is of other keys, which their aliases say",
  "release-build ListDecisions":
    "test/engine/delivery.spec.ts, were FindEvidence not there as well, which tells a missing object from a forbidden one",
  "budget-action StopLaunches":
    "needs AWS: Budgets attaches the policy when money is spent; test/infra/identity/documents.spec.ts says which roles it stops",
};

/** A denial that no call of today meets: it holds against a right that somebody adds later. */
export interface KeptDenial {
  /** The roles that have it; `test/truth/statements.spec.ts` fails where one has it no longer. */
  readonly roles: readonly string[];
  readonly why: string;
}

const scientists = ["data-scientist", "studio-data-scientist"];
const workers = [...scientists, "ml-engineer", "studio-ml-engineer"];
const people = [...workers, "approver", "auditor"];

/** Denials that neither a boundary repeats nor a cell of the matrix meets, by their ids. */
export const keptDenials: Readonly<Record<string, KeptDenial>> = {
  KeepTags: {
    roles: people,
    why: "tags decide about access; today each role's rights to tag end before things of others",
  },
  RecorderStays: {
    roles: ["deployer"],
    why: "what records calls is the administrator's; the matrix asks for no right about a function's code, and the search for chains finds the way without it",
  },
  KeepTagsThere: { roles: people, why: "the same for taking tags off" },
  TagAsOwn: { roles: people, why: "the same for tags of another environment on what is made" },
  NeverDecideCandidates: { roles: workers, why: "who trains decides nothing, whatever is attached to the role later" },
  NeverRegisterApproved: { roles: workers, why: "nor registers anything as decided" },
  NotThePipelines: {
    roles: scientists,
    why: "experiments are named apart from the pipeline's jobs; the matrix asks for the roles of jobs, not for their names",
  },
  NeverTrain: { roles: ["approver"], why: "who decides trains nothing, whatever is attached to the role later" },
  WriteNothing: { roles: ["auditor"], why: "who audits changes nothing, whatever is attached to the role later" },
  NeverApprove: {
    roles: ["pipeline-execution"],
    why: "the boundary lets the approver's role alone approve; the pipeline's says so itself",
  },
};
