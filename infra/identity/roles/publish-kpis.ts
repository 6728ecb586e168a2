import { scoresKey } from "../../../contract/experiment";
import { kpiNamespace, kpiRowsPrefix } from "../../../contract/kpi";
import { prefixes } from "../../../contract/places";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { useKey } from "../documents/data";
import { callBySchedule, writeLogs } from "../documents/functions";
import { define } from "./role-definition";

const publish = define({
  name: "publish-kpis",
  kind: "service",
  description:
    "Publishes business metrics: reads what labels say and what the business delivers, keeps what is forgotten",
  trusted: { service: "lambda.amazonaws.com" },
  // Not handed over by deployers: who is judged by the numbers gives nobody the right to publish them.
  writes: ["watch"],
  expected: { spec: "test/infra/identity/roles/publish-kpis.spec.ts" },
  duties: (scope) => ({ read: read(scope), keep: keep(scope), publish: publishing(scope), key: useKey(scope) }),
});

const start = define({
  name: "publish-kpis-start",
  kind: "service",
  description: "Starts the day's publication of business metrics",
  trusted: { service: "scheduler.amazonaws.com" },
  handedByDeployers: true,
  expected: { spec: "test/infra/identity/roles/publish-kpis.spec.ts" },
  duties: (scope) => ({ start: callBySchedule("StartPublication", scope, "publish-kpis") }),
});

/** Roles of what publishes business metrics: of its function, and of the schedule that calls it. */
export const kpiDefinitions = [publish, start] as const;

/** What labelled answers scored, and the tables of the business. Listing tells a missing object from a forbidden one. */
function read({ arns, artifactsBucket, endpointName }: Scope): Statement[] {
  return [
    allow("ListSources", ["s3:ListBucket"], [arns.bucket(artifactsBucket)]),
    allow(
      "ReadSources",
      ["s3:GetObject"],
      [scoresKey(endpointName), `${prefixes.business}*`].map((key) => arns.object(artifactsBucket, key)),
    ),
  ];
}

function keep({ arns, artifactsBucket }: Scope): Statement[] {
  return [
    allow(
      "KeepRows",
      [
        // What is kept is read, and written where nobody else wrote since.
        "s3:GetObject",
        "s3:PutObject",
      ],
      [arns.object(artifactsBucket, `${kpiRowsPrefix}*`)],
    ),
  ];
}

function publishing(scope: Scope): Statement[] {
  const { environment } = scope;
  return [
    allow("PublishKpis", ["cloudwatch:PutMetricData"], ["*"], {
      StringEquals: { "cloudwatch:namespace": kpiNamespace(environment) },
    }),
    writeLogs(scope, "publish-kpis"),
  ];
}
