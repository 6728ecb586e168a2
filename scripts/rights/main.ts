import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { environments } from "../../contract/environments";
import { scopesOf } from "../../automation/roles/paths/search";
import { grantedRights, idle, judge, stillGranted, sweeping, unexplained, unjustified } from "./compare";
import { record, recordedUse, type Used, usedByRole } from "./used";

/**
 * `npm run rights -- [--add] [files or folders]`: what rehearsals (`report/rights-used.json`), engine tests and
 * independent truths (`PEREGRINE_RIGHTS=<folder> npm test`) used becomes the record, or with --add comes to it; in
 * whatever order it is given, the record is the same. Calls that the program has no right to any more are left out.
 * Then says which rights are neither used nor justified, and exits with 1 where there are any.
 */
const [first, ...rest] = process.argv.slice(2);
const given = [first, ...rest].filter((one): one is string => one !== undefined && one !== "--add");
const files = given.flatMap((one) =>
  statSync(one).isDirectory()
    ? readdirSync(one)
        .filter((name) => name.endsWith(".json"))
        .sort()
        .map((name) => join(one, name))
    : [one],
);
const read = files.map((file) => JSON.parse(readFileSync(file, "utf8")) as Used);
const rights = grantedRights(scopesOf(environments));
if (read.length > 0) record(stillGranted(rights, usedByRole(...(first === "--add" ? [recordedUse()] : []), ...read)));
const judged = judge(rights, recordedUse());
const open = unjustified(judged);
console.log(
  `${rights.length} rights, ${judged.filter(({ used }) => used).length} used, ${judged.filter(({ why }) => why !== undefined).length} kept for a reason, ${open.length} neither`,
);
for (const [what, lines] of [
  ["neither used nor justified", open],
  ["justified without need", idle(judged)],
  ["justified by more than a right or a statement", sweeping()],
  ["used without a right", unexplained(rights, recordedUse())],
] as const)
  for (const line of lines) console.log(`${what}: ${line}`);
process.exitCode = open.length > 0 ? 1 : 0;
