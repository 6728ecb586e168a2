import { readFileSync } from "node:fs";
import { environments } from "../../../automation/workspace";
import { scopesOf } from "../paths";
import { grantedRights, idle, judge, unexplained, unjustified } from "./compare";
import { record, recordedUse, type Used, usedByRole } from "./used";

/**
 * `node -r ./scripts/register.cjs scripts/governance/usage/main.ts [--add] [files]`: what rehearsals (`report/rights-used.json`) and engine tests
 * (`PEREGRINE_RIGHTS=<folder>`) used becomes the record, or with --add comes to it. Then says which rights are neither used nor justified, and
 * exits with 1 where there are any.
 */
const [first, ...rest] = process.argv.slice(2);
const files = [first, ...rest].filter((one): one is string => one !== undefined && one !== "--add");
const read = files.map((file) => JSON.parse(readFileSync(file, "utf8")) as Used);
if (read.length > 0) record(usedByRole(...(first === "--add" ? [recordedUse()] : []), ...read));

const rights = grantedRights(scopesOf(environments));
const judged = judge(rights, recordedUse());
const open = unjustified(judged);
console.log(`${rights.length} rights, ${judged.filter(({ used }) => used).length} used, ${judged.filter(({ why }) => why !== undefined).length} kept for a reason, ${open.length} neither`);
for (const [what, lines] of [["neither used nor justified", open], ["justified without need", idle(judged)], ["used without a right", unexplained(rights, recordedUse())]] as const) for (const line of lines) console.log(`${what}: ${line}`);
process.exitCode = open.length > 0 ? 1 : 0;
