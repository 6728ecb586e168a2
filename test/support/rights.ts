import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cloud } from "../../local/cloud";

/**
 * Where PEREGRINE_RIGHTS names a folder, keeps the rights that were used on a local cloud there, for `scripts/rights/`.
 * @param source the spec.
 */
export function keepRights(source: string, { authoriser }: Cloud): void {
  keepRightsOf(source, JSON.stringify(authoriser.usage));
}

/** The same for the answer of another process. */
export function keepRightsOf(source: string, rights: string): void {
  const folder = process.env["PEREGRINE_RIGHTS"];
  if (folder) writeFileSync(join(folder, `rights-used-${source}.json`), rights);
}
