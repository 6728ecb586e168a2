import type { Scope } from "../../infra/scope";
import { grantedRights, judge, type Judged, reasonOf } from "../rights/compare";
import { keptRights } from "../rights/kept";
import { recordedUse } from "../rights/used";

/** Least privilege by evidence: what each role used of what it has, and why the rest is kept. */
export function usageSection(scopes: readonly Scope[]): string[] {
  const judged = judge(grantedRights(scopes), recordedUse());
  const roles = [...new Set(judged.map(({ role }) => role))];
  const count = (role: string, test: (right: Judged) => boolean) =>
    judged.filter((right) => right.role === role && test(right)).length;
  return [
    "## Used against granted rights",
    "",
    "This section shows least privilege by evidence: which granted rights were used. A right is an action, as its policy writes it, in a statement; all environments count together.",
    "",
    "The local cloud notes which statement of its policies allowed each request of a role (`local/iam/usage.ts`). Requests that only the matrix sends do not count, nor does what a resource policy allowed.",
    "A rehearsal writes the result to `report/rights-used.json`. Engine tests (`pulumi up`, delivery, releases, runbooks) and independent truths (the deployer creates each resource again, people's notebooks, nights) write it to the folder that",
    "`PEREGRINE_RIGHTS` names: `PEREGRINE_RIGHTS=<folder> npm test`. `npm run rights -- [--add] <files or folders>` turns all of that into the record, `scripts/rights/recorded.json`.",
    "",
    "An unused right that the role matrix does not grant by name needs a reason in `scripts/rights/kept/`, by right or by statement, with who would notice its removal.",
    "`test/automation/roles/usage.spec.ts` fails for a right without a reason, for a reason that is no longer needed, and for a right that says `*`. The rehearsal's test compares what that very rehearsal used.",
    "`test/truth/statements.spec.ts` checks for each statement what fails without it.",
    "",
    "| role | rights | used | granted by the matrix | kept for a reason |",
    "|---|---|---|---|---|",
    ...roles.map(
      (role) =>
        `| \`${role}\` | ${count(role, () => true)} | ${count(role, ({ used }) => used)} | ${count(role, ({ asked }) => asked)} | ${count(role, ({ why }) => why !== undefined)} |`,
    ),
    "",
    "These unused rights are kept for a reason:",
    "",
    "| roles | statements and actions | rights | why | who would notice |",
    "|---|---|---|---|---|",
    ...keptRights.map((kept) => {
      const rights = judged.filter((right) => !right.used && !right.asked && reasonOf(right) === kept).length;
      return `| ${kept.roles.map((role) => `\`${role}\``).join(", ")} | ${kept.rights.map((right) => `\`${right}\``).join(", ")} | ${rights} | ${kept.why} | ${kept.noticedBy === "needs AWS" ? "needs AWS" : `\`${kept.noticedBy}\``} |`;
    }),
    "",
  ];
}
