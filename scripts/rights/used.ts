import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { roleOfArn } from "../../contract/names";

/** Role without its environment's prefix -> IAM action -> the statements that allowed it. */
export type Used = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

const fixture = join(__dirname, "recorded.json");

/** What was used when it was last recorded. Recorded, so that docs and tests are the same on every machine. */
export function recordedUse(): Used {
  return JSON.parse(readFileSync(fixture, "utf8")) as Used;
}

/** Makes it the record. */
export function record(used: Used): void {
  writeFileSync(fixture, JSON.stringify(used, undefined, 1) + "\n");
}

/** The name of a role of ours, from its ARN; undefined for others. A name stays. */
function plainName(role: string): string | undefined {
  return role.startsWith("arn:") ? roleOfArn(role)?.role : role;
}

/**
 * Several records as one, the same role of all environments as one.
 * @param records by role's name, or by ARN as the local cloud counts.
 */
export function usedByRole(...records: readonly Used[]): Used {
  const roles: Record<string, Record<string, readonly string[]>> = {};
  for (const [role, actions] of records.flatMap((one) => Object.entries(one))) {
    const name = plainName(role);
    if (name === undefined) continue;
    const held = (roles[name] ??= {});
    for (const [action, statements] of Object.entries(actions))
      held[action] = [...new Set([...(held[action] ?? []), ...statements])].sort();
  }
  return sorted(Object.fromEntries(Object.entries(roles).map(([name, actions]) => [name, sorted(actions)])));
}

function sorted<T>(entries: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
}
