import type { ApprovalEvent } from "../contract/events";
import { buildVariable } from "../contract/variables";

/** A build as far as it tells what it was started for. */
export interface StartedBuild {
  readonly startedMs: number;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Variables of builds that something else than an approval starts. */
const otherCauses = [buildVariable.callbackToken, buildVariable.requestedBy];

/**
 * Whether an approval has its build already: the event may come twice, with two ids and hours apart. Any build that an
 * approval of the package started since has read the registry after this one, and so answers for it.
 */
export function answered({ time, detail }: ApprovalEvent, builds: readonly StartedBuild[]): boolean {
  const approvedMs = Date.parse(detail.LastModifiedTime ?? time);
  return builds.some(
    ({ startedMs, variables }) =>
      startedMs >= approvedMs &&
      variables[buildVariable.modelPackageArn] === detail.ModelPackageArn &&
      otherCauses.every((name) => !variables[name]),
  );
}
