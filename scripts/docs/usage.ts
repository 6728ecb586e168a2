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
    "The local cloud notes which statement of its policies allowed each request of a role (`local/iam/usage.ts`); what the matrix only asks for does not count, nor what a resource's policy gave. A rehearsal",
    "writes it to `report/rights-used.json`. Engine tests (`pulumi up`, delivery, releases, runbooks) and independent truths (the deployer makes each resource anew, people's notebooks, nights) keep it in the folder that",
    "`PEREGRINE_RIGHTS` names: `PEREGRINE_RIGHTS=<folder> npm test`. `npm run rights -- [--add] <files or folders>` makes all that the record, `scripts/rights/recorded.json`.",
    "A right that nobody used, and that the role matrix does not give by name, needs a reason in `scripts/rights/kept/`, by right or by statement, with who would notice its removal. `test/automation/roles/usage.spec.ts`",
    "fails for one without, for a reason that is no longer needed, and for one that says `*`; the rehearsal's test compares what that very rehearsal used. A right is an action, as its policy writes it, in a statement; of all",
    "environments together. `test/truth/statements.spec.ts` asks of each statement what fails without it.",
    "",
    "| role | rights | used | asked for by the matrix | kept for a reason |",
    "|---|---|---|---|---|",
    ...roles.map(
      (role) =>
        `| \`${role}\` | ${count(role, () => true)} | ${count(role, ({ used }) => used)} | ${count(role, ({ asked }) => asked)} | ${count(role, ({ why }) => why !== undefined)} |`,
    ),
    "",
    "Why rights stay that nobody used:",
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
