import { AlarmSettings } from "../../aws/alarms";
import { Metrics } from "../../aws/cloudwatch";
import { ObjectStore } from "../../aws/s3";
import { SageMaker } from "../../aws/sagemaker";
import { isDenied } from "../../aws/session";
import { callerIdentity } from "../../aws/sts";
import { effectsReport } from "../../automation/effects/report";
import { listEscalations } from "../../automation/alerts/escalations";
import { logOf } from "../../automation/audit/log";
import { priceState } from "../../automation/check/cost";
import { experimentStatus } from "../../automation/experiment/status";
import { failoverReport } from "../../automation/failover/report";
import { ledgerOf, releasesOf } from "../../automation/release/history";
import { servingStatus } from "../../automation/release/status";
import { remediationReport } from "../../automation/remediation/report";
import { columns } from "../../automation/roles/matrix/expected";
import { rows } from "../../automation/roles/matrix/rows";
import type { Environment } from "../../automation/stack/environment";
import { alertState, alertStateKey, nothingTold } from "../../contract/alert-state";
import type { AlertArea } from "../../contract/alerts";
import { environments } from "../../contract/environments";
import { escalationsKey } from "../../contract/escalation";
import { failoverLedgerKey } from "../../contract/front-door";
import { readJson } from "../../contract/json";
import { kpiRowsPrefix } from "../../contract/kpi";
import { forecastsPrefix, retrainingDecisionsPrefix } from "../../contract/monitoring";
import { namePrefix } from "../../contract/names";
import type { StackOutputs } from "../../contract/outputs";
import { ledgerKey, logPrefix } from "../../contract/places";
import { remediationStateKey } from "../../contract/remediation";
import { alertRoutesOf } from "../../infra/settings/alerts";
import {
  type EnvironmentFacts,
  type Evidence,
  type LogFacts,
  mayNot,
  type PlatformFacts,
  type Reading,
} from "../../insight/read-model/facts";
import { periodFor, queryOf, queryText, type SeriesName, seriesNames, seriesOf } from "../../insight/read-model/series";
import { assumptions } from "../../pricing/assumptions";
import { billOfMonth } from "./bill";
import { listExperiments } from "../../records/experiment";
import { ForecastRecords } from "../../records/forecasts";
import type { LogEntry } from "../../records/log/entry";
import { RetrainingRecords } from "../../records/retraining";

/** Entries of a log, of remediation and of retraining and effects of releases that are shown, the newest ones. */
const newest = { entries: 500, steps: 200, decisions: 200, effects: 3 } as const;
const dayMs = 86_400_000;

type Window = PlatformFacts["window"];

const matrix: PlatformFacts["matrix"] = {
  columns,
  rows: rows.map(({ section, action, what, cells }) => ({ section, action, what, cells })),
};

/**
 * Reads everything that the dashboard shows; changes nothing. What cannot be read is said where it would be shown.
 * @param days how far back metrics are read at most; less where the platform is younger.
 * @param until where metrics end: now, by the cloud's clock, where nobody says.
 * @param billed whether the bill is read, which costs some cents.
 */
export async function readPlatform(
  opened: readonly Environment[],
  days: number,
  until?: Date,
  billed = false,
): Promise<PlatformFacts> {
  const found = await Promise.all(opened.map(openedOf));
  const up = found.flatMap((one) => ("outputs" in one ? [one] : []));
  const readAt = until ?? (await cloudTime(opened));
  const window = await windowOf(up, readAt, days);
  return {
    readAt: readAt.toISOString(),
    window,
    ...(billed ? { bill: await billOfMonth(opened) } : {}),
    environments: await Promise.all(up.map((one) => environmentFacts(one, window))),
    down: found.flatMap((one) => ("why" in one ? [one] : [])),
    matrix,
  };
}

/** A platform of which nothing is up, and why. */
export function nothingUp(why: string): PlatformFacts {
  const now = new Date().toISOString();
  return {
    readAt: now,
    window: { start: now, end: now, periodSeconds: 60 },
    environments: [],
    down: environments.map((name) => ({ name, why })),
    matrix,
  };
}

interface Opened {
  readonly environment: Environment;
  readonly outputs: StackOutputs;
}

async function openedOf(environment: Environment): Promise<Opened | PlatformFacts["down"][number]> {
  // Somebody else may have updated or released meanwhile.
  environment.invalidateState();
  const { name } = environment;
  try {
    if (!(await environment.exists())) return { name, why: "nothing is deployed" };
    return { environment, outputs: await environment.outputs() };
  } catch (error) {
    return { name, why: `cannot be read: ${firstLine(error)}` };
  }
}

/** By the cloud's clock, which may not be this machine's; by this one's where the cloud does not answer. */
async function cloudTime(opened: readonly Environment[]): Promise<Date> {
  try {
    return (await callerIdentity(opened[0]!.session)).at;
  } catch {
    return new Date();
  }
}

/** From an hour before the first release on, so that a young platform fills its charts. */
async function windowOf(up: readonly Opened[], now: Date, days: number): Promise<Window> {
  const first = await Promise.all(
    up.map(async ({ environment }) => {
      const releases = await releasesOf(environment).catch(() => []);
      return Date.parse(releases[0]?.startedAt ?? "") - 3_600_000;
    }),
  );
  const earliest = now.getTime() - days * dayMs;
  const begun = Math.min(...first.filter(Number.isFinite));
  const start = Math.max(earliest, Number.isFinite(begun) ? Math.min(begun, now.getTime() - 3_600_000) : earliest);
  const periodSeconds = periodFor(now.getTime() - start);
  const periodMs = periodSeconds * 1000;
  return {
    start: new Date(Math.floor(start / periodMs) * periodMs).toISOString(),
    end: now.toISOString(),
    periodSeconds,
  };
}

async function environmentFacts({ environment, outputs }: Opened, window: Window): Promise<EnvironmentFacts> {
  const { name, session, settings } = environment;
  const { artifactsBucket: bucket, endpointName } = outputs;
  const store = new ObjectStore(session);
  const at = (key: string, command: string): Evidence => ({ what: `s3://${bucket}/${key}`, command });
  const peregrine = (what: string) => `npx peregrine ${what} --stack ${name}`;
  const since = new Date(Date.parse(window.end) - 31 * dayMs).toISOString();
  const read = await together({
    serving: reading(
      {
        what: `SageMaker DescribeEndpoint ${endpointName}, and SSM parameter ${outputs.releaseParameter}`,
        command: peregrine("status"),
      },
      () => servingStatus(environment, outputs),
    ),
    packages: reading(
      { what: `SageMaker ListModelPackages of ${outputs.modelPackageGroup}`, command: peregrine("status") },
      async () => {
        const found = await new SageMaker(session).listModelPackages(outputs.modelPackageGroup);
        return found.map(({ arn, approval, created }) => ({ arn, approval, created: created.toISOString() }));
      },
    ),
    releases: reading(at(ledgerKey, peregrine("release list")), () => releasesOf(environment)),
    experiments: reading(at(ledgerKey, peregrine("experiment status")), () =>
      listExperiments(ledgerOf(environment, outputs), name),
    ),
    running: reading(at(ledgerKey, peregrine("experiment status")), () => experimentStatus(environment)),
    alarms: reading(
      { what: `CloudWatch DescribeAlarms ${namePrefix(name)}-`, command: peregrine("doctor") },
      async () =>
        (await new AlarmSettings(session).named(`${namePrefix(name)}-`)).map((alarm) => ({
          name: alarm.AlarmName!,
          state: alarm.StateValue ?? "",
          since: alarm.StateUpdatedTimestamp?.toISOString(),
          reason: alarm.StateReason,
          description: alarm.AlarmDescription,
        })),
    ),
    alerts: reading(at(escalationsKey, peregrine("alert list")), () => listEscalations(environment)),
    told: reading(at(alertStateKey, peregrine("alert list")), async () => {
      const body = await store.get({ bucket, key: alertStateKey });
      const read = body && readJson(body.toString("utf8"), alertState);
      return read?.kind === "value" ? read.value : nothingTold;
    }),
    violations: reading(at(remediationStateKey, peregrine("remediation")), () =>
      remediationReport(environment, newest.steps),
    ),
    failover:
      outputs.frontDoorUrl === undefined
        ? undefined
        : reading(at(failoverLedgerKey, peregrine("failover")), () => failoverReport(environment)),
    forecasts: reading(at(forecastsPrefix, peregrine("forecast")), () => new ForecastRecords(store, bucket).newest()),
    retraining: reading(at(retrainingDecisionsPrefix, peregrine("retrain decisions")), () =>
      new RetrainingRecords(store, bucket).since(since, newest.decisions),
    ),
    metrics: reading({ what: "CloudWatch GetMetricData" }, () => metricsOf(environment, endpointName, window)),
    effects: reading(at(kpiRowsPrefix, peregrine("effect")), () =>
      effectsReport(environment, outputs, { most: newest.effects }),
    ),
    price: reading(
      { what: `the state of stack ${name}, and the price table`, command: `${peregrine("cost plan")} --state` },
      async () => (await priceState(environment, assumptions())).price,
    ),
    log: reading(at(`${logPrefix}checkpoint`, peregrine("audit verify")), () => logFacts(environment, outputs)),
  });
  return {
    name,
    region: session.region,
    endpointName,
    objectives: {
      map50: Number(settings["objectiveMap50"]),
      f1: Number(settings["objectiveF1"]),
      labelLagHours: Number(settings["labelLagHours"]),
      latencyP90Ms: Number(settings["latencyP90Ms"]),
      errorPercent: Number(settings["errorPercent"]),
      monthlyBudgetUsd: Number(settings["monthlyBudgetUsd"]),
    },
    owners: ownersOf(settings),
    ...read,
  };
}

/** Who answers for each area: the team of its routes, else whose the environment is. */
function ownersOf(settings: Environment["settings"]): EnvironmentFacts["owners"] {
  const texts = settings["alertRoutes"];
  const routes = alertRoutesOf(Array.isArray(texts) ? texts.map(String) : []);
  const team = (area: AlertArea) =>
    routes.find(({ areas }) => areas.includes(area))?.team ?? String(settings["owner"] ?? "the environment's owner");
  return { serving: team("serving"), model: team("model"), platform: team("platform") };
}

async function metricsOf({ name, session }: Environment, endpointName: string, window: Window) {
  const queries = seriesNames.map((series) => queryOf(series, name, endpointName, window.periodSeconds));
  const points = await new Metrics(session).pointsOfAll(queries, new Date(window.start), new Date(window.end));
  return Object.fromEntries(
    seriesNames.map((series, index) => [series, seriesOf(points[index]!, queryText(queries[index]!))]),
  ) as Record<SeriesName, ReturnType<typeof seriesOf>>;
}

/** The log, verified whole on the way, as every reader of it does. */
async function logFacts(environment: Environment, outputs: StackOutputs): Promise<LogFacts> {
  const entries: { index: number; entry: LogEntry }[] = [];
  const { ok, problems, checkpoint } = await (
    await logOf(environment, outputs)
  ).verify({
    each: (entry, index) => {
      entries.push({ index, entry });
      if (entries.length > 2 * newest.entries) entries.splice(0, newest.entries);
    },
  });
  return {
    ok,
    problems,
    size: checkpoint?.size ?? 0,
    root: checkpoint?.root.toString("base64"),
    entries: entries.slice(-newest.entries),
  };
}

/** Values by name, all awaited at a time. */
async function together<Values extends object>(waiting: {
  readonly [Name in keyof Values]: Values[Name] | Promise<Values[Name]>;
}): Promise<Values> {
  const entries = Object.entries<unknown>(waiting).map(async ([name, value]) => [name, await value] as const);
  return Object.fromEntries(await Promise.all(entries)) as Values;
}

async function reading<Value>(evidence: Evidence, read: () => Promise<Value>): Promise<Reading<Value>> {
  try {
    return { value: await read(), evidence };
  } catch (error) {
    return { unread: isDenied(error) ? mayNot : firstLine(error) };
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
}
