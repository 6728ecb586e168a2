import type { Scope } from "../../infra/scope";
import { grantedRights, judge, type Judged, reasonOf } from "../governance/usage/compare";
import { keptRights } from "../governance/usage/kept";
import { recordedUse } from "../governance/usage/used";

/** Least privilege by evidence: what each role used of what it has, and why the rest is kept. */
export function usageSection(scopes: readonly Scope[]): string[] {
  const judged = judge(grantedRights(scopes), recordedUse());
  const roles = [...new Set(judged.map(({ role }) => role))];
  const count = (role: string, test: (right: Judged) => boolean) => judged.filter((right) => right.role === role && test(right)).length;
  return [
    "## Used against granted rights",
    "",
    "The local cloud notes which statement of its policies allowed each request of a role (`local/iam/usage.ts`); what the matrix only asks for does not count, nor what a resource's policy gave. A rehearsal",
    "writes it to `report/rights-used.json`, engine tests and `test/truth/execution-roles.spec.ts` to the folder that `PEREGRINE_RIGHTS` names. `node -r ./scripts/register.cjs scripts/governance/usage/main.ts [--add] <files>` makes such files the",
    "record, `scripts/governance/usage/recorded.json`. A right that nobody used needs a reason in `scripts/governance/usage/kept.ts`; `test/governance/usage.spec.ts` fails for one without, and for a reason that",
    "is no longer needed. A right is an action, as its policy writes it, in a statement; of all environments together.",
    "",
    "| role | rights | used | kept for a reason |",
    "|---|---|---|---|",
    ...roles.map((role) => `| \`${role}\` | ${count(role, () => true)} | ${count(role, ({ used }) => used)} | ${count(role, ({ used }) => !used)} |`),
    "",
    "Why rights stay that nobody used:",
    "",
    "| roles | statements and actions | rights | why |",
    "|---|---|---|---|",
    ...keptRights.map((kept) => {
      const rights = judged.filter((right) => !right.used && reasonOf(right) === kept).length;
      return `| ${kept.roles.map((role) => `\`${role}\``).join(", ")} | ${kept.rights.map((right) => `\`${right}\``).join(", ")} | ${rights} | ${kept.why} |`;
    }),
    "",
  ];
}
