import { createHash } from "node:crypto";
import { readAlarmDescription } from "../contract/alarm-description";
import type { AlertTargets } from "../contract/alert-targets";
import { type AlertArea, alertAreas, type Severity } from "../contract/alerts";
import { type AlarmAction, platformSource, type ToldEvent } from "../contract/events";
import { alertDetail } from "../contract/monitoring";
import { championVariant } from "../contract/variants";
import type { Alert } from "./alerting";

/** Where alerts are told, and whose they are. */
export interface Telling {
  readonly environment: string;
  readonly targets: AlertTargets;
}

/** What people begin with when an alert names nothing better. */
const anyRunbook = "docs/runbooks/README.md";

/**
 * An alarm that was raised or ended. One that says nothing of itself, since a person made it by hand, is the
 * platform's, and a warning. Undefined when it only has too little data to say.
 */
export function alertOfAlarm(action: AlarmAction, telling: Telling): Alert | undefined {
  const { alarmArn, alarmData, region } = action;
  const { alarmName, state, configuration } = alarmData;
  if (state.value === "INSUFFICIENT_DATA") return undefined;
  const facts = readAlarmDescription(configuration.description);
  const endpoint = configuration.metrics
    .map(({ metricStat }) => metricStat?.metric.dimensions["EndpointName"])
    .find((name) => name !== undefined);
  return {
    id: digest(alarmArn, state.value, state.timestamp),
    kind: state.value === "ALARM" ? "raised" : "ended",
    ...addressed(telling, facts.severity ?? "warning", facts.area ?? "platform"),
    subject: endpoint ?? alarmName,
    cause: facts.cause ?? alarmName,
    signal: alarmName,
    what: facts.what || `The alarm ${alarmName} is ${state.value}`,
    reading: state.reason || undefined,
    sinceMs:
      (state.value === "ALARM" ? beginOf(state.reasonData) : undefined) ??
      timeOf(state.timestamp) ??
      timeOf(action.time) ??
      0,
    evidence: `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#alarmsV2:alarm/${encodeURIComponent(alarmName)}`,
    runbook: facts.runbook ?? anyRunbook,
    command: facts.command ?? lookAround(telling),
  };
}

/** An event of the platform's own. What it says of itself in another form than agreed is left out, never the alert. */
export function alertOfEvent(event: ToldEvent, telling: Telling): Alert {
  const { detail } = event;
  const known = <Key extends keyof typeof alertDetail.shape>(key: Key) => {
    const read = alertDetail.shape[key].safeParse(detail[key]);
    return (read.success ? read.data : undefined) as ReturnType<(typeof alertDetail.shape)[Key]["parse"]> | undefined;
  };
  const area = known("area") ?? alertAreas.find((one) => platformSource(one) === event.source) ?? "platform";
  const cause = known("cause") ?? slug(event["detail-type"]);
  const variant = known("variant");
  const modelSha256 = known("modelSha256");
  return {
    // EventBridge may bring an event twice, under another id.
    id: digest(event.source, event["detail-type"], JSON.stringify(detail)),
    kind: "raised",
    ...addressed(telling, detail.severity, area),
    subject: known("endpoint") ?? modelSha256 ?? area,
    cause,
    what: detail.message,
    sinceMs: timeOf(known("since") ?? "") ?? timeOf(event.time) ?? 0,
    ...(variant !== undefined && variant !== championVariant ? { variant } : {}),
    ...(modelSha256 === undefined ? {} : { modelSha256 }),
    evidence:
      known("evidence") ?? `event ${event.id} (${event["detail-type"]}) in the archive of the environment's bus`,
    runbook: known("runbook") ?? anyRunbook,
    command: known("command") ?? lookAround(telling),
  };
}

function addressed({ targets }: Telling, severity: Severity, area: AlertArea) {
  return { severity, area, ...targets[area][severity] };
}

function lookAround({ environment }: Telling): string {
  return `npx peregrine doctor --stack ${environment}`;
}

/** Start of the first datapoint that decided, where the alarm tells it. */
function beginOf(reasonData: string | undefined): number | undefined {
  try {
    const { startDate } = JSON.parse(reasonData ?? "{}") as { startDate?: unknown };
    return typeof startDate === "string" ? timeOf(startDate) : undefined;
  } catch {
    return undefined;
  }
}

/** CloudWatch writes zones as `+0000`, which is not what ISO 8601's extended form has. */
function timeOf(text: string): number | undefined {
  const ms = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  return Number.isNaN(ms) ? undefined : ms;
}

function digest(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

function slug(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}
