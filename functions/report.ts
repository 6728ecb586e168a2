import { z } from "zod";
import { AlarmSettings } from "../aws/alarms";
import { Metrics } from "../aws/cloudwatch";
import { ObjectStore } from "../aws/s3";
import { functionSession } from "../aws/session";
import { Notifications } from "../aws/sns";
import type { EnvironmentName } from "../contract/environments";
import type { ReportKind } from "../contract/report";
import { readVariables } from "../contract/variables";
import { keptReport } from "../insight/report/kept";
import { reportNotice } from "../insight/report/notice";
import { periodUntil } from "../insight/report/period";
import { plainForm, type PlainFormat, written } from "../insight/report/plain-forms";
import { ReportRecords } from "../records/reports";
import { readEnvironment, type ReportSources, type Subject } from "./report/read";

/** What the schedule sends: when it meant to, by its own clock. */
const eventShape = z.object({ time: z.iso.datetime() });

/** What the handler depends on. */
export interface Dependencies {
  readonly kind: ReportKind;
  readonly subject: Subject;
  readonly sources: ReportSources;
  readonly records: Pick<ReportRecords, "before" | "has" | "keep" | "folder">;
  readonly topicArn: string;
  readonly notifications: Pick<Notifications, "publish">;
  readonly log: (line: string) => void;
}

/**
 * Makes the report of the period that ends when the schedule meant to, keeps it, and tells people where it is. Its JSON
 * is written last: a report with it was told, and is not made again. Whoever dies before is called again, and people
 * who are told twice are better off than who is not.
 * @returns where it is kept, for the log.
 */
export async function makeReport(event: unknown, dependencies: Dependencies): Promise<string> {
  const { kind, subject, sources, records, topicArn, notifications, log } = dependencies;
  const period = periodUntil(kind, new Date(eventShape.parse(event).time));
  const series = { environments: [subject.environment], kind };
  const folder = records.folder(series, period.end);
  if (await records.has(series, period.end)) return `${folder} was made before`;
  const [platform, previous] = await Promise.all([
    readEnvironment(subject, sources, period),
    records.before(series, period.end, keptReport),
  ]);
  const made = written({ period, platform, ...(previous ? { previous } : {}) }, []);
  const keep = (format: PlainFormat) =>
    records.keep(series, period.end, new Map([[`report.${format}`, plainForm(made, format)]]));
  await keep("html");
  await keep("md");
  const { subject: title, body } = reportNotice(made.report, subject.environment, linkTo(subject, folder));
  await notifications.publish(topicArn, title, body);
  const uri = await keep("json");
  log(`${uri}: ${made.report.verdict.light}, ${made.report.missed.length} missed`);
  return uri;
}

/** The page in S3's console: whoever opens it needs the right to read it, which a signed address would give to anybody. */
function linkTo({ region, bucket }: Subject, folder: string): string {
  const key = encodeURIComponent(`${folder}report.html`);
  return `https://${region}.console.aws.amazon.com/s3/object/${bucket}?region=${region}&prefix=${key}`;
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<string> {
  const variables = readVariables("report", process.env);
  const { ENVIRONMENT, ENDPOINT, ARTIFACTS_BUCKET, TOPIC_ARN, KIND, OBJECTIVES, OWNERS, DOOR } = variables;
  const session = functionSession();
  const store = new ObjectStore(session);
  return makeReport(event, {
    kind: KIND as ReportKind,
    subject: {
      environment: ENVIRONMENT as EnvironmentName,
      region: session.region,
      endpoint: ENDPOINT,
      bucket: ARTIFACTS_BUCKET,
      objectives: JSON.parse(OBJECTIVES) as Subject["objectives"],
      owners: JSON.parse(OWNERS) as Subject["owners"],
      door: DOOR,
    },
    sources: { store, metrics: new Metrics(session), alarms: new AlarmSettings(session) },
    records: new ReportRecords(store, ARTIFACTS_BUCKET),
    topicArn: TOPIC_ARN,
    notifications: new Notifications(session),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}
