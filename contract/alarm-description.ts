import { type AlertArea, alertAreas, severities, type Severity } from "./alerts";

/**
 * What an alarm says of itself, in its description: CloudWatch hands on no tags and no other text of ours. The first
 * lines are for everybody who sees the alarm in the console; the labelled ones after them are read by whoever tells
 * people.
 */
export interface AlarmFacts {
  /** What has happened when it is raised, as one sentence. */
  readonly what: string;
  readonly severity: Severity;
  readonly area: AlertArea;
  /** Alarms of one endpoint with the same cause are one incident; as `alertDetail.cause`. */
  readonly cause: string;
  /** Path of the runbook in the project. */
  readonly runbook: string;
  /** What to type next. */
  readonly command: string;
}

/** Longest description of an alarm (CloudWatch API, PutMetricAlarm, AlarmDescription). */
const longestDescription = 1024;

/** @throws Error when the facts are too long for a description. */
export function writeAlarmDescription({ what, severity, area, cause, runbook, command }: AlarmFacts): string {
  const text = [
    what,
    `Severity: ${severity}`,
    `Area: ${area}`,
    `Cause: ${cause}`,
    `Runbook: ${runbook}`,
    `Next: ${command}`,
  ].join("\n");
  if (text.length > longestDescription)
    throw new Error(`an alarm's description has ${text.length} characters, CloudWatch takes ${longestDescription}`);
  return text;
}

/** What a description says; an alarm that somebody made by hand says less, and is told all the same. */
export function readAlarmDescription(text: string): Partial<AlarmFacts> & Pick<AlarmFacts, "what"> {
  const labelled = new Map<string, string>();
  const free: string[] = [];
  for (const line of text.split("\n")) {
    const [, label, value] = /^(Severity|Area|Cause|Runbook|Next): (.+)$/.exec(line.trim()) ?? [];
    if (label !== undefined && value !== undefined) labelled.set(label, value);
    else if (line.trim()) free.push(line.trim());
  }
  return {
    what: free.join(" "),
    severity: severities.find((one) => one === labelled.get("Severity")),
    area: alertAreas.find((one) => one === labelled.get("Area")),
    cause: labelled.get("Cause"),
    runbook: labelled.get("Runbook"),
    command: labelled.get("Next"),
  };
}
