import { isConverged, type ServingState } from "../serving-state";
import { type CheckResult, failed, ok, warning } from "./finding";

/** An environment's endpoint, by name. */
export interface EndpointState extends ServingState {
  readonly environment: string;
  readonly name: string;
}

/** Whether the endpoint serves what is desired. */
export function judgeEndpoint(state: EndpointState): CheckResult {
  const { environment, name, desired, endpoint, wantedConfigName } = state;
  if (!desired)
    return endpoint
      ? failed(
          `${name} serves, and nothing is desired`,
          `Bring the stack to what is desired: pulumi up --stack ${environment} --policy-pack policies`,
        )
      : ok("none, and none is desired");
  const again = `Make a release that was live before live again, or this one anew: npx peregrine rollback --stack ${environment} --to RELEASE (docs/runbooks/release-failed.md)`;
  if (!endpoint) return failed(`${name} does not exist`, again);
  const text = `${name} is ${endpoint.status} on ${endpoint.configName}`;
  return isConverged(state) ? ok(text) : failed(`${text}, wanted ${wantedConfigName}`, again);
}

/**
 * Whether the release serves on the instance type of the setting.
 * @param release undefined while none is desired; its type is absent in releases from before it was noted.
 */
export function judgeInstanceType(
  environment: string,
  release: { readonly modelPackageArn: string; readonly instanceType?: string } | undefined,
  wanted: unknown,
): CheckResult {
  const serves = release?.instanceType;
  if (!release || serves === undefined || serves === wanted) return ok(String(wanted));
  return warning(
    `the release serves on ${serves}, the setting says ${String(wanted)}`,
    `The next release brings it, also of the same package: npx peregrine promote ${release.modelPackageArn} --to ${environment} (docs/releases.md)`,
  );
}

/** @param states of the endpoint's alarms, by name. */
export function judgeAlarms(
  environment: string,
  endpoint: string,
  states: Readonly<Record<string, string>>,
): CheckResult {
  const raised = Object.keys(states).filter((alarm) => states[alarm] === "ALARM");
  if (raised.length === 0) return ok("none is raised");
  return failed(
    `raised: ${raised.join(", ")}`,
    `Look at the endpoint's dashboard and log (/aws/sagemaker/Endpoints/${endpoint}); when the release is to blame: npx peregrine rollback --stack ${environment} (docs/runbooks/endpoint-alarm.md)`,
  );
}

/** @param suspended undefined where the endpoint does not scale. */
export function judgeScaling(suspended: boolean | undefined): CheckResult {
  if (suspended)
    return failed(
      "stands still",
      "When no release is at work, one was killed while it had scaling stand still: run the same command again (docs/runbooks/stuck-release.md).",
    );
  return ok(suspended === undefined ? "the endpoint does not scale yet" : "follows the load");
}
