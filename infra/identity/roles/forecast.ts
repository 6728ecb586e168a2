import { forecastsPrefix } from "../../../contract/monitoring";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { useKey } from "../documents/data";
import { callBySchedule, writeLogs } from "../documents/functions";
import { define } from "./role-definition";

const forecast = define({
  name: "forecast",
  kind: "service",
  description: "Forecasts when limits are passed: reads metrics, keeps forecasts and their scores, tells the bus",
  trusted: { service: "lambda.amazonaws.com" },
  writes: ["watch"],
  handedByDeployers: true,
  expected: { spec: "test/infra/identity/roles/forecast.spec.ts" },
  duties: (scope) => ({ see: see(scope), keep: keep(scope), tell: tell(scope), key: useKey(scope) }),
});

const forecastStart = define({
  name: "forecast-start",
  kind: "service",
  description: "Starts the day's forecast",
  trusted: { service: "scheduler.amazonaws.com" },
  handedByDeployers: true,
  expected: { spec: "test/infra/identity/roles/forecast.spec.ts" },
  duties: (scope) => ({ start: callBySchedule("StartForecast", scope, "forecast") }),
});

/** Roles of the daily forecast: of its function, and of the schedule that calls it. */
export const forecastDefinitions = [forecast, forecastStart] as const;

/** Metrics of all kinds, and which configuration the endpoint runs: after a release, levels may differ. */
function see({ arns, endpointName }: Scope): Statement[] {
  return [
    allow("SeeMetrics", ["cloudwatch:GetMetricData"], ["*"]),
    allow("SeeEndpoint", ["sagemaker:DescribeEndpoint"], [arns.sagemaker(`endpoint/${endpointName}`)]),
  ];
}

/** Forecasts alone: decisions about retraining lie beside them. Listing tells a missing object from a forbidden one. */
function keep({ arns, artifactsBucket }: Scope): Statement[] {
  return [
    allow("ListForecasts", ["s3:ListBucket"], [arns.bucket(artifactsBucket)]),
    allow(
      "KeepForecasts",
      [
        // What is remembered is read, and written where nobody else wrote since.
        "s3:GetObject",
        "s3:PutObject",
      ],
      [arns.object(artifactsBucket, `${forecastsPrefix}*`)],
    ),
  ];
}

function tell(scope: Scope): Statement[] {
  const { arns, names } = scope;
  return [
    allow("Tell", ["events:PutEvents"], [arns.events(`event-bus/${names.of("eventBus", "events")}`)]),
    writeLogs(scope, "forecast"),
  ];
}
