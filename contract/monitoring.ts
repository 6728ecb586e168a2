import { z } from "zod";
import { alertAreas, severities } from "./alerts";
import { namePrefix } from "./names";
import { prefixes } from "./places";

/**
 * What monitoring writes and what follows from it. The container (`ml/peregrine_ml/monitoring/`) writes the same names;
 * `test/contract/monitoring.spec.ts` compares both sides.
 */

/** Namespace of the monitoring's metrics. Dimensions: EndpointName, VariantName, and one of `monitoringPart` or none. */
export function monitoringNamespace(environment: string): string {
  return `Peregrine/${environment}/monitoring`;
}

/** Metrics by what they say. Each is one value a run, at the end of its window; no value where it is not known. */
export const monitoringMetric = {
  /** Largest drift statistic over its calibrated threshold: 1 and more is drift. */
  driftScore: "DriftScore",
  /** Answers in the window that were compared. */
  records: "CapturedRecords",
  /** Captured lines that could not be read. */
  unreadable: "UnreadableRecords",
  /** Minutes since the last captured record, at the end of the window. */
  captureGapMinutes: "CaptureGapMinutes",
  /** mAP50 estimated without labels, and the lower end of its interval. */
  estimatedMap50: "EstimatedMap50",
  estimatedMap50Low: "EstimatedMap50Low",
  /** On the labelled sample, 0 to 1. */
  precision: "Precision",
  recall: "Recall",
  f1: "F1",
  map50: "Map50",
  /** Labelled share of the captured answers of the label window, 0 to 1. */
  labelCoverage: "LabelCoverage",
  /** Median hours from an answer to its label. */
  labelLagHours: "LabelLagHours",
} as const;

/** Dimensions of metrics about a part of the labelled answers: a slice such as `light-darker`, or a class. */
export const monitoringPart = { slice: "Slice", class: "Class" } as const;

/** Detail types of the platform's events about watching; their source is `platformSource("model")` or another area's. */
export const watchEvent = {
  drift: "Drift Detected",
  quality: "Quality Below Objective",
  /** A window could not be judged: nothing captured, no baseline, unreadable lines. */
  unwatched: "Window Not Judged",
  forecast: "Breach Forecast",
  newData: "New Training Data",
  retrainingProposed: "Retraining Proposed",
  retrainingDecided: "Retraining Decided",
  /** It was won, lost, stopped by a guardrail, or proved nothing. */
  experimentEnded: "Experiment Ended",
  /** With the step that failed and the end of its log. */
  trainingFailed: "Training Failed",
  /** Requests go to another server than before. Source: `platformSource("serving")`. */
  switched: "Server Switched",
  /** An alarm asked for the release before, or why it did not. Source: `platformSource("serving")`. */
  fellBack: "Fall Back Decided",
  /** Something was changed after its deployment, and put right. Source: `platformSource("platform")`. */
  violationHealed: "Violation Healed",
  /** It was not put right, and people must. Source: `platformSource("platform")`. */
  violationEscalated: "Violation Escalated",
} as const;

/**
 * Detail of every event that people are told of. `message` is a paragraph about what happened; `functions/tell.ts` sends
 * it to the team that answers for the area, with since when, evidence, runbook and next command from the other members.
 */
export const alertDetail = z.object({
  severity: z.enum(severities),
  message: z.string().min(1),
  area: z.enum(alertAreas),
  /** Alerts of one model about one cause within a while are one: such as `drift`. */
  cause: z.string().regex(/^[a-z][a-z0-9-]*$/),
  /** Endpoint that it is about, where it is about one. */
  endpoint: z.string().optional(),
  variant: z.string().optional(),
  /** Digest of the model that answered, hexadecimal. */
  modelSha256: z.string().optional(),
  /** Since when, ISO 8601. */
  since: z.iso.datetime().optional(),
  /** S3 URI or URL of what shows it. */
  evidence: z.string().optional(),
  /** Path of the runbook in the project. */
  runbook: z.string().optional(),
  /** What to type next. */
  command: z.string().optional(),
});
export type AlertDetail = Readonly<z.infer<typeof alertDetail>>;

/** What can propose a retraining. `watchEvent.drift` and `watchEvent.quality` count as proposals as they are. */
export const retrainingTriggers = ["quality", "drift", "forecast", "new-data", "schedule", "person"] as const;
export type RetrainingTrigger = (typeof retrainingTriggers)[number];

/**
 * Detail of `watchEvent.retrainingProposed`: somebody thinks that the model should be trained again. It names nobody
 * who is told: `functions/decide-retraining.ts` decides, and tells people what came of it. Source:
 * `platformSource("model")`.
 */
export const retrainingProposal = z.object({
  trigger: z.enum(retrainingTriggers),
  /** The same for the same need: a proposal that comes twice under one key is decided once. */
  key: z.string().regex(/^[\w.:/=+@-]{1,256}$/),
  /** One sentence for people. */
  reason: z.string().min(1).max(1000),
  /**
   * How far quality is, or is expected to be, below what it should be, 0 to 1 (such as 0.08 of mAP50); null where
   * nobody knows.
   */
  shortfall: z.number().min(0).max(1).nullable().default(null),
  /** Endpoint that it is about, where it is about one. */
  endpoint: z.string().optional(),
  /** Digest of the model that is too bad, hexadecimal. */
  modelSha256: z.string().optional(),
  /** Variants that answered there: more than one while the endpoint compares them. */
  variants: z.array(z.string()).optional(),
  /** Classes that fell short: of each of them new labels are wanted. */
  classes: z.array(z.string()).default([]),
  /** Slices that fell short, such as `light-darker`. Labels do not say which slice they are of, so this is for people. */
  slices: z.array(z.string()).default([]),
  /** S3 URI or URL of what shows the need. */
  evidence: z.string().optional(),
});
export type RetrainingProposal = Readonly<z.infer<typeof retrainingProposal>>;

/** Variants whose answers the window holds: more than one while the endpoint compares them. */
const variants = z.array(z.string()).optional();

/** Detail of `watchEvent.drift`. */
export const driftDetail = alertDetail.extend({
  variants,
  /** ISO 8601, from and to. */
  window: z.object({ start: z.iso.datetime(), end: z.iso.datetime() }),
  records: z.number().int().nonnegative(),
  /** Over the threshold: 1 and more is drift. */
  score: z.number().nonnegative(),
  /** Features that moved, the most first. */
  features: z.array(z.object({ name: z.string(), effect: z.number(), pValue: z.number().optional() })),
  /** Inference ids of answers that show it. */
  examples: z.array(z.string()),
  estimatedMap50: z.number().nullable().optional(),
});

/** Detail of `watchEvent.forecast`. */
export const forecastDetail = alertDetail.extend({
  /** What is forecast, such as `latency`. */
  series: z.string(),
  /** `at-risk` already, or on its way (`will-breach`). */
  verdict: z.enum(["at-risk", "will-breach"]),
  limit: z.number(),
  /** Estimated level on the day of the last value. */
  level: z.number(),
  /** Chance that the level is beyond the limit within the horizon. */
  probability: z.number().min(0).max(1),
  horizonDays: z.number().int().nonnegative(),
  /** Days until then, with a chance of 5, 50 and 95 per cent; null where that is too far away to say. */
  crossing: z.tuple([z.number().nullable(), z.number().nullable(), z.number().nullable()]),
  /** What came of earlier warnings about it, in a sentence. */
  score: z.string(),
});
export type ForecastDetail = Readonly<z.infer<typeof forecastDetail>>;

/** Detail of `watchEvent.quality`. */
export const qualityDetail = alertDetail.extend({
  variants,
  /** Which of `monitoringMetric`. */
  metric: z.string(),
  value: z.number(),
  objective: z.number(),
  /** Labelled answers behind it. */
  labelled: z.number().int().nonnegative(),
  /** Classes and slices that are to blame, the worst first: surely below the objective, and no better than the whole. */
  classes: z.array(z.string()).default([]),
  slices: z.array(z.string()).default([]),
});

/**
 * Where the baseline of a model lies: among what releases write, so that who monitors cannot change what it is compared
 * with. @param modelSha256 of the model file (`model.sha256` in answers), hexadecimal.
 */
export function baselinePrefix(modelSha256: string): string {
  return `${baselinesPrefix}${modelSha256}/`;
}

export const baselinesPrefix = `${prefixes.releases}baselines/`;

/** Model Monitor's files, and what ours adds: features by flight, calibration, what the estimate has learned. */
export const baselineFiles = ["statistics.json", "constraints.json", "baseline.json"] as const;

/**
 * Folder of the baseline beside `evaluation.json`, which holds the digests of its files. It is made of the archive's
 * answers, so it cannot be in the archive.
 */
export const baselineFolder = "baseline/";

/** Reports of runs: `<prefix><endpoint>/<run>/`. */
export const reportsPrefix = `${prefixes.monitoring}reports/`;

/** Files of a run, below its report's prefix. Violations: as the SDK and most containers spell it. */
export const reportFiles = {
  statistics: "statistics.json",
  constraints: "constraints.json",
  violations: "constraint_violations.json",
  /** All that was found, for programs. */
  report: "report.json",
  /** In the shape that readers of Clarify's reports expect. */
  analysis: "analysis.json",
  page: "report.html",
} as const;

/** Summary of an hour's answers: `<prefix><endpoint>/<variant>/yyyy/mm/dd/hh/`. */
export const summariesPrefix = `${prefixes.monitoring}summaries/`;

/** Labels by the hour in which they came: `labels/<endpoint>/yyyy/mm/dd/hh/<name>.jsonl`. */
export function labelsPrefix(endpoint: string): string {
  return `${prefixes.labels}${endpoint}/`;
}

/** Recorded verdicts about retraining: `<prefix>yyyy/mm/<id>.json`. */
export const retrainingDecisionsPrefix = `${prefixes.watch}retraining/`;
/** That the release before a failing one was asked for: `<prefix><release>.json`, once for each failing release. */
export const fallBackPrefix = `${prefixes.watch}fall-back/`;
export function fallBackKey(releaseId: string): string {
  return `${fallBackPrefix}${releaseId}.json`;
}
/** Forecasts of a day: `<prefix>yyyy/mm/dd.json`. */
export const forecastsPrefix = `${prefixes.watch}forecasts/`;
/** What forecasts remember: values, what is not judged yet, scores. */
export const forecastStateKey = `${forecastsPrefix}state.json`;
/** The data set as it was seen last: keys, versions and sizes. */
export const datasetManifestKey = `${prefixes.watch}dataset-manifest.json`;

/** Queue of proposals to retrain, in the environment that decides about them. */
export function retrainingQueue(environment: string): string {
  return `${namePrefix(environment)}-retraining`;
}

/** The environment's event bus. */
export function eventBusName(environment: string): string {
  return `${namePrefix(environment)}-events`;
}
