import type { Alert, Digest } from "./alerting";
import { cap } from "./alerting";

/** What a topic's subscribers get. */
export interface AlertMessage {
  /** ASCII, at most 100 characters (SNS, Publish). */
  readonly subject: string;
  readonly body: string;
}

/** An SNS message has 256 KB; a digest of more lines than this is not read anyway. */
const mostLines = 200;

/** An alert for people: what, since when, how urgent, whose, and what to do next. */
export function alertMessage(
  environment: string,
  alert: Alert,
  { repeats, full }: { readonly repeats: number; readonly full: boolean },
): AlertMessage {
  const { kind, severity, team, area, subject, variant, modelSha256, cause, what, reading } = alert;
  const title = kind === "raised" ? severity.toUpperCase() : "ENDED";
  const model = [subject, ...(variant ? [`variant ${variant}`] : []), ...(modelSha256 ? [`model ${modelSha256}`] : [])];
  const lines: [string, string | undefined][] = [
    ["What", kind === "raised" ? what : `It is over: ${what}`],
    ["Reading", reading],
    [kind === "raised" ? "Since" : "Ended", new Date(alert.sinceMs).toISOString()],
    ["Severity", severity],
    ["Team", `${team} (${area})`],
    ["About", `${model.join(", ")}; cause ${cause}`],
    ["Evidence", alert.evidence],
    ["Runbook", alert.runbook],
    ["Next", alert.command],
    ["Repeats", repeats > 0 ? `${repeats} more of the same were left out since the last message` : undefined],
    [
      "Note",
      full ? `${cap.messages} messages in ten minutes are the limit; what follows now comes in one digest` : undefined,
    ],
  ];
  return {
    subject: subjectLine(environment, `${title}: ${what}`),
    body: lines
      .flatMap(([label, value]) => (value === undefined ? [] : [`${`${label}:`.padEnd(10)}${value}`]))
      .join("\n"),
  };
}

/** Everything that was held for a team, the most urgent first. */
export function digestMessage(environment: string, { team, severity, held }: Digest): AlertMessage {
  const shown = held.slice(0, mostLines);
  const count = `${held.length} ${held.length === 1 ? "alert" : "alerts"}`;
  return {
    subject: subjectLine(environment, `${severity.toUpperCase()}: digest of ${count} for ${team}`),
    body: [
      `${count} for ${team} came when ${cap.messages} messages had gone out in ten minutes, or could not be sent:`,
      "",
      ...shown.map(({ line, atMs }) => `- ${new Date(atMs).toISOString()} ${line}`),
      ...(held.length > shown.length
        ? [
            `- and ${held.length - shown.length} less urgent ones; the alarms' history and the archive of events have all`,
          ]
        : []),
    ].join("\n"),
  };
}

function subjectLine(environment: string, what: string): string {
  return `[${environment}] ${what}`.replace(/[^\x20-\x7e]/g, "?").slice(0, 100);
}
