import type { Violation } from "../../contract/remediation";

/** Something that is not as it ought to be. */
export interface Finding {
  readonly violation: Violation;
  /** Name of the resource; where several of one resource can be wrong, with its part: `role/policy`. */
  readonly resource: string;
  /** How requests name it: its name, id or ARN. */
  readonly called: string;
  readonly reasons: readonly string[];
  /** Why no function may put it right; absent where one may. */
  readonly unfit?: string;
}

/** The name of a finding, under which its history is kept. */
export const findingId = ({ violation, resource }: Pick<Finding, "violation" | "resource">): string =>
  `${violation}:${resource}`;
