import type { AlertState } from "../../contract/alert-state";
import type { AlertArea } from "../../contract/alerts";
import type { EnvironmentName } from "../../contract/environments";
import type { Escalation } from "../../contract/escalation";
import type { KpiDefinition } from "../../contract/kpi";
import type { RemediationEntry } from "../../contract/remediation";
import type { EffectResult } from "../../lifecycle/effect/effect";
import type { Roi } from "../../lifecycle/effect/roi";
import type { ExperimentVerdict } from "../../lifecycle/experiment/verdict";
import type { Bill } from "../../pricing/actual/bill";
import type { StackPrice } from "../../pricing/stack";
import type { Experiment } from "../../records/experiment";
import type { ForecastPage } from "../../records/forecasts";
import type { LogEntry } from "../../records/log/entry";
import type { RecordedRelease } from "../../records/release";
import type { RetrainingRecord } from "../../records/retraining";
import type { Series, SeriesName } from "./series";

/** Where something shown was read, so that a reader can read it again. */
export interface Evidence {
  /** Entry, object or query, in one line. */
  readonly what: string;
  /** Command that shows it. */
  readonly command?: string;
}

/** What was read of one place, or why it could not be: a page says which, and shows the rest. */
export type Reading<Value> = { readonly value: Value; readonly evidence: Evidence } | { readonly unread: string };

/** Why a place was not read that the reader's role may not read. */
export const mayNot = "your role may not";

/** What an endpoint ought to run, and what it does. */
export interface ServingFacts {
  readonly desired?: { readonly modelPackageArn: string };
  readonly endpoint?: { readonly name: string; readonly status: string; readonly configName: string };
  readonly converged: boolean;
}

/** A version of the model in a registry. */
export interface PackageFacts {
  readonly arn: string;
  readonly approval: string;
  /** ISO 8601. */
  readonly created: string;
}

/** An alarm as CloudWatch has it now. */
export interface AlarmState {
  readonly name: string;
  readonly state: string;
  readonly since?: string;
  readonly reason?: string;
  readonly description?: string;
}

/** Something that is other than it ought to be. */
export interface OpenViolation {
  readonly violation: string;
  readonly resource: string;
  readonly since: string;
  readonly rung: string;
  readonly actor?: string;
  readonly tries: number;
}

/** Who answers the clients of a front door. */
export interface FailoverFacts {
  readonly server: string;
  readonly url: string;
  readonly switches: readonly {
    readonly at: string;
    readonly from: string;
    readonly to: string;
    readonly reasons: readonly string[];
  }[];
}

/** The newest experiment, as it stands. */
export interface RunningFacts {
  readonly verdict?: ExperimentVerdict;
  readonly percent?: number;
  readonly requests?: Readonly<Record<"champion" | "challenger", number>>;
  readonly ending?: { readonly outcome: string };
}

/** A log with its newest entries. */
export interface LogFacts {
  readonly ok: boolean;
  readonly problems: readonly string[];
  readonly size: number;
  readonly root?: string;
  /** Newest last. */
  readonly entries: readonly { readonly index: number; readonly entry: LogEntry }[];
}

/** What live answers have to reach, and what they may cost, of the environment's settings. */
export interface Objectives {
  readonly map50: number;
  readonly f1: number;
  readonly labelLagHours: number;
  /** Of the model, for nine requests in ten. */
  readonly latencyP90Ms: number;
  /** Of requests that may fail, per cent. */
  readonly errorPercent: number;
  readonly monthlyBudgetUsd: number;
}

/** What releases did to the business. */
export interface EffectsFacts {
  /** The catalogue. */
  readonly kpis: readonly KpiDefinition[];
  /** The newest release first; none where nothing ever went live. */
  readonly releases: readonly {
    readonly release: string;
    readonly modelPackageArn: string;
    /** ISO 8601 date on which it went live. */
    readonly day: string;
    readonly results: readonly EffectResult[];
  }[];
  /** Of the newest release. */
  readonly roi: Roi;
}

/** Everything that was read of an environment that is up. */
export interface EnvironmentFacts {
  readonly name: EnvironmentName;
  readonly region: string;
  readonly endpointName: string;
  readonly objectives: Objectives;
  /** Teams that answer for its areas. */
  readonly owners: Readonly<Record<AlertArea, string>>;
  readonly serving: Reading<ServingFacts>;
  /** Of its registry, newest first. */
  readonly packages: Reading<readonly PackageFacts[]>;
  /** Oldest first. */
  readonly releases: Reading<readonly RecordedRelease[]>;
  readonly experiments: Reading<readonly Experiment[]>;
  readonly running: Reading<RunningFacts>;
  readonly alarms: Reading<readonly AlarmState[]>;
  readonly alerts: Reading<readonly Escalation[]>;
  readonly told: Reading<AlertState>;
  readonly violations: Reading<{
    readonly open: readonly OpenViolation[];
    readonly entries: readonly RemediationEntry[];
  }>;
  /** Undefined where clients ask the endpoint itself. */
  readonly failover: Reading<FailoverFacts> | undefined;
  readonly forecasts: Reading<ForecastPage | undefined>;
  /** Oldest first. */
  readonly retraining: Reading<readonly RetrainingRecord[]>;
  readonly metrics: Reading<Readonly<Record<SeriesName, Series>>>;
  readonly effects: Reading<EffectsFacts>;
  readonly price: Reading<StackPrice>;
  readonly log: Reading<LogFacts>;
}

/** A row of the matrix of roles: by role, letters of the environments where it may. */
export interface MatrixRow {
  readonly section: string;
  readonly action: string;
  readonly what: string;
  readonly cells: Readonly<Record<string, string>>;
}

/** All that the pages are made of; made anew at any time from what the environments hold. */
export interface PlatformFacts {
  /** ISO 8601, by the cloud's clock. */
  readonly readAt: string;
  /** What the metrics are of. */
  readonly window: { readonly start: string; readonly end: string; readonly periodSeconds: number };
  /** Those that are up, in the order of a release. */
  readonly environments: readonly EnvironmentFacts[];
  /** Those that are not, or of which nothing can be read, and why. */
  readonly down: readonly { readonly name: EnvironmentName; readonly why: string }[];
  /** What was paid this month. Undefined where bills are not read: each question costs. */
  readonly bill?: Reading<Bill>;
  readonly matrix: {
    /** Full names of the roles, by their columns. */
    readonly columns: Readonly<Record<string, string>>;
    readonly rows: readonly MatrixRow[];
  };
}

/** The value of a reading; a default where it could not be read. */
export function valueOf<Value>(reading: Reading<Value>, otherwise: Value): Value {
  return "unread" in reading ? otherwise : reading.value;
}

/** Why a reading is none, or where it was read. */
export function evidenceOf(reading: Reading<unknown>): Evidence {
  return "unread" in reading ? { what: `not read: ${reading.unread}` } : reading.evidence;
}
