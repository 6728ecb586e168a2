import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import type { Metrics } from "../../aws/cloudwatch";
import type { ObjectStore } from "../../aws/s3";
import { isDenied } from "../../aws/session";
import type { EnvironmentName } from "../../contract/environments";
import { escalations, escalationsKey } from "../../contract/escalation";
import { allServe, failoverState, failoverStateKey } from "../../contract/front-door";
import { readJson } from "../../contract/json";
import { namePrefix } from "../../contract/names";
import { ledgerKey } from "../../contract/places";
import { forecastsPrefix, retrainingDecisionsPrefix } from "../../contract/monitoring";
import { nothingViolated, remediationState, remediationStateKey } from "../../contract/remediation";
import {
  type EnvironmentFacts,
  type Evidence,
  mayNot,
  type Objectives,
  type PlatformFacts,
  type Reading,
} from "../../insight/read-model/facts";
import { periodFor, queryOf, queryText, type SeriesName, seriesNames, seriesOf } from "../../insight/read-model/series";
import type { Period } from "../../insight/report/period";
import { serverToldBy } from "../../lifecycle/failover/breaker";
import { listExperiments } from "../../records/experiment";
import { ForecastRecords } from "../../records/forecasts";
import { Ledger } from "../../records/ledger";
import { listReleases } from "../../records/release";
import { RetrainingRecords } from "../../records/retraining";

/** Whose report it is. */
export interface Subject {
  readonly environment: EnvironmentName;
  readonly region: string;
  readonly endpoint: string;
  readonly bucket: string;
  readonly objectives: Objectives;
  readonly owners: EnvironmentFacts["owners"];
  /** URL of the front door; empty where there is none. */
  readonly door: string;
}

/** Where it is read from; nothing is changed. */
export interface ReportSources {
  readonly store: Pick<ObjectStore, "get" | "getWithTag" | "putIf" | "list">;
  readonly metrics: Pick<Metrics, "pointsOfAll">;
  readonly alarms: { named(prefix: string): Promise<MetricAlarm[]> };
}

/**
 * What the report's own role may read of its environment. What it may not (the registry, the stack's state and so its
 * price, the log) is told as such: the report by hand has it.
 */
export async function readEnvironment(
  subject: Subject,
  sources: ReportSources,
  period: Period,
): Promise<PlatformFacts> {
  const { environment: name, bucket, endpoint } = subject;
  const { store, metrics, alarms } = sources;
  const periodSeconds = periodFor(Date.parse(period.end) - Date.parse(period.start));
  const window = { start: period.start, end: period.end, periodSeconds };
  const ledger = new Ledger(store, bucket);
  const at = (key: string, command: string): Evidence => ({
    what: `s3://${bucket}/${key}`,
    command: `npx peregrine ${command} --stack ${name}`,
  });
  const forbidden = { unread: mayNot };
  const json = async <Value>(key: string, schema: Parameters<typeof readJson<Value>>[1], otherwise: Value) => {
    const body = await store.get({ bucket, key });
    const read = body && readJson(body.toString("utf8"), schema);
    return read?.kind === "value" ? read.value : otherwise;
  };
  const [releases, experiments, raised, alerts, violations, failover, forecasts, retraining, series] =
    await Promise.all([
      reading(at(ledgerKey, "release list"), () => listReleases(ledger, name)),
      reading(at(ledgerKey, "experiment status"), () => listExperiments(ledger, name)),
      reading({ what: `CloudWatch DescribeAlarms ${namePrefix(name)}-` }, async () =>
        (await alarms.named(`${namePrefix(name)}-`)).map((alarm) => ({
          name: alarm.AlarmName!,
          state: alarm.StateValue ?? "",
          since: alarm.StateUpdatedTimestamp?.toISOString(),
          reason: alarm.StateReason,
          description: alarm.AlarmDescription,
        })),
      ),
      reading(at(escalationsKey, "alert list"), async () =>
        Object.values((await json(escalationsKey, escalations, { open: {} } as never)).open),
      ),
      reading(at(remediationStateKey, "remediation"), async () => {
        const { incidents } = await json(remediationStateKey, remediationState, nothingViolated);
        const open = Object.values(incidents).filter(({ rung }) => rung !== "verified");
        return {
          open: open.map(({ violation, resource, seenMs, rung, tries }) => ({
            ...{ violation, resource, rung, tries: tries.length },
            since: new Date(seenMs).toISOString(),
          })),
          entries: [],
        };
      }),
      subject.door === ""
        ? undefined
        : reading(at(failoverStateKey, "failover"), async () => {
            const state = await json(failoverStateKey, failoverState, allServe);
            return { server: serverToldBy(state, []), url: subject.door, switches: [] };
          }),
      reading(at(forecastsPrefix, "forecast"), () => new ForecastRecords(store, bucket).newest()),
      reading(at(retrainingDecisionsPrefix, "retrain decisions"), () =>
        new RetrainingRecords(store, bucket).since(period.start, mostDecisions),
      ),
      reading({ what: "CloudWatch GetMetricData" }, async () => {
        const queries = seriesNames.map((one) => queryOf(one, name, endpoint, periodSeconds));
        const points = await metrics.pointsOfAll(queries, new Date(period.start), new Date(period.end));
        return Object.fromEntries(
          seriesNames.map((one, index) => [one, seriesOf(points[index]!, queryText(queries[index]!))]),
        ) as Record<SeriesName, ReturnType<typeof seriesOf>>;
      }),
    ]);
  return {
    readAt: period.end,
    window,
    environments: [
      {
        ...{ name, region: subject.region, endpointName: endpoint },
        ...{ objectives: subject.objectives, owners: subject.owners },
        ...{ serving: forbidden, packages: forbidden, running: forbidden, told: forbidden, effects: forbidden },
        ...{ price: forbidden, log: forbidden },
        ...{ releases, experiments, alarms: raised, alerts, violations, failover, forecasts, retraining },
        metrics: series,
      },
    ],
    down: [],
    matrix: { columns: {}, rows: [] },
  };
}

const mostDecisions = 50;

async function reading<Value>(evidence: Evidence, read: () => Promise<Value>): Promise<Reading<Value>> {
  try {
    return { value: await read(), evidence };
  } catch (error) {
    return { unread: isDenied(error) ? mayNot : (error as Error).message.split("\n")[0]! };
  }
}
