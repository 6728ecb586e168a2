import { escalationsKey } from "../../../contract/escalation";
import { failoverStateKey } from "../../../contract/front-door";
import { forecastsPrefix, retrainingDecisionsPrefix } from "../../../contract/monitoring";
import { ledgerKey, prefixes } from "../../../contract/places";
import { remediationStateKey } from "../../../contract/remediation";
import { alertTopic } from "../../../contract/names";
import { topicSuffix } from "../../alerts/routes";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { useKey } from "../documents/data";
import { callBySchedule, writeLogs } from "../documents/functions";
import { define } from "./role-definition";

const exists = ({ settings }: Scope): boolean => settings.report.schedule !== "off";

const report = define({
  name: "report",
  kind: "service",
  description: "Makes the executive report: reads metrics, alarms and records, keeps reports, tells people",
  trusted: { service: "lambda.amazonaws.com" },
  writes: ["reports"],
  exists,
  expected: { spec: "test/infra/identity/roles/report.spec.ts" },
  duties: (scope) => ({ see: see(scope), keep: keep(scope), tell: tell(scope), key: useKey(scope) }),
});

const reportStart = define({
  name: "report-start",
  kind: "service",
  description: "Starts the executive report",
  trusted: { service: "scheduler.amazonaws.com" },
  exists,
  expected: { spec: "test/infra/identity/roles/report.spec.ts" },
  duties: (scope) => ({ start: callBySchedule("StartReport", scope, "report") }),
});

/** Roles of the scheduled report: of its function, and of the schedule that calls it. */
export const reportDefinitions = [report, reportStart] as const;

/** Metrics, alarms, and records of what happened: no image, no answer, no package, no log. */
function see({ arns, artifactsBucket }: Scope): Statement[] {
  return [
    allow("SeeMetrics", ["cloudwatch:GetMetricData"], ["*"]),
    allow("SeeAlarms", ["cloudwatch:DescribeAlarms"], [arns.alarm("*")]),
    allow("ListRecords", ["s3:ListBucket"], [arns.bucket(artifactsBucket)]),
    allow(
      "ReadRecords",
      ["s3:GetObject"],
      [ledgerKey, escalationsKey, remediationStateKey, failoverStateKey, `${forecastsPrefix}*`]
        .concat(`${retrainingDecisionsPrefix}*`)
        .map((key) => arns.object(artifactsBucket, key)),
    ),
  ];
}

/** Reports alone, and those before, whose recommendations are judged. */
function keep({ arns, artifactsBucket }: Scope): Statement[] {
  return [
    allow(
      "KeepReports",
      [
        // The one before is read; the new one is written.
        "s3:GetObject",
        "s3:PutObject",
      ],
      [arns.object(artifactsBucket, `${prefixes.reports}*`)],
    ),
  ];
}

/** One topic: of those who hear of the platform for information. */
function tell(scope: Scope): Statement[] {
  const { arns, environment, settings } = scope;
  const topic = alertTopic(environment, topicSuffix(settings.alertRoutes, "info", "platform"));
  return [allow("Tell", ["sns:Publish"], [arns.topic(topic)]), writeLogs(scope, "report")];
}
