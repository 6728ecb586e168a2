import { awsSource, platformSource } from "../../contract/events";
import type { Scope } from "../scope";
import { alertAreas, severities } from "../../contract/alerts";

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

/**
 * The platform's own events that people are told of. Whoever sends one says what it is about in the source
 * (`peregrine.model`) and how urgent it is and why in the detail: `{ "severity": "warning", "message": "..." }`; the
 * rest of `alertDetail` as far as it is known.
 */
export const toldPattern: Pattern = {
  source: alertAreas.map(platformSource),
  detail: { severity: severities, message: [{ exists: true }] },
};
