import { awsSource, platformSource } from "../../contract/events";
import { topicSuffix } from "../alerts/routes";
import type { InputTransformer } from "../delivery/rules";
import type { Scope } from "../scope";
import { alertAreas, type Severity, severities } from "../../contract/alerts";

type Pattern = Readonly<Record<string, unknown>>;

/**
 * Events of AWS services that are about things of this environment: copied from the default bus, the only one that
 * services write to. Known by name: jobs of pipelines are among them because their steps say how jobs are called
 * (`Scope.jobPrefix`); SageMaker's own `pipelines-...` would not be.
 */
export function forwardPattern({ names, place: { partition } }: Scope): Pattern {
  return {
    source: [awsSource.sagemaker, awsSource.codebuild, awsSource.cloudwatch],
    resources: [{ wildcard: `arn:${partition}:*${names.prefix}-*` }],
  };
}

export interface BusNotice {
  /** Last part of the topic's name. */
  readonly suffix: string;
  readonly severity: Severity;
  readonly pattern: Pattern;
}

/**
 * Who is told about the platform's own events. Whoever sends one says what it is about in the source
 * (`peregrine.model`) and how urgent it is and why in the detail: `{ "severity": "warning", "message": "..." }`.
 */
export function busNotices({ settings: { alertRoutes } }: Scope): BusNotice[] {
  return severities.flatMap((severity) => {
    const suffixes = [...new Set(alertAreas.map((area) => topicSuffix(alertRoutes, severity, area)))];
    return suffixes.map((suffix) => {
      const sources = alertAreas
        .filter((area) => topicSuffix(alertRoutes, severity, area) === suffix)
        .map(platformSource);
      return {
        suffix,
        severity,
        pattern: { source: sources, detail: { severity: [severity], message: [{ exists: true }] } },
      };
    });
  });
}

/** What people read. A template for text must itself be a JSON string. */
export function busNotice({ environment, names }: Scope, severity: Severity): InputTransformer {
  const sentence = `[${environment}] ${severity.toUpperCase()}: <message> (<type> of <source> at <time>, event <id> on bus ${names.of("eventBus", "events")})`;
  return {
    inputPaths: { message: "$.detail.message", type: "$.detail-type", source: "$.source", time: "$.time", id: "$.id" },
    inputTemplate: JSON.stringify(sentence),
  };
}
