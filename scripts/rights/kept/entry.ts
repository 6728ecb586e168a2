/** Rights that no recorded run used and the matrix does not ask for by name, and that stay, with the reason. */
export interface Kept {
  /** Roles without their environment's prefix; `*` stands for any letters. */
  readonly roles: readonly string[];
  /** Statements (their ids) or single actions as policies write them. */
  readonly rights: readonly string[];
  readonly why: string;
  /** Whose work fails without them: a test's, or only AWS's. */
  readonly noticedBy: `test/${string}.spec.ts` | "needs AWS";
}

export const people = ["data-scientist", "ml-engineer", "approver", "auditor"];
export const notebooks = ["studio-data-scientist", "studio-ml-engineer"];
export const jobs = [
  "training-execution",
  "processing-execution",
  "endpoint-execution",
  "monitoring-execution",
  "experiment-anna",
];
export const onAws = { noticedBy: "needs AWS" } as const;
