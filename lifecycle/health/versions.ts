import { type CheckResult, failed, ok, warning } from "./finding";

export interface Versions {
  readonly node: string;
  /** Undefined when the CLI does not tell. */
  readonly pulumi: string | undefined;
  /** `node` as a least version (`>=20.19`), `pulumi` as the version of its SDK that the program is written with. */
  readonly wanted: { readonly node: string; readonly pulumi: string };
}

/** Node as the project wants it; a Pulumi CLI of the SDK's major version, and not older than it. */
export function judgeVersions({ node, pulumi, wanted }: Versions): CheckResult {
  if (compare(node, wanted.node) < 0)
    return failed(`Node ${node}, wanted ${wanted.node}`, "Install Node 20 LTS or later, and put it first on PATH.");
  const install = `Install Pulumi ${wanted.pulumi}, or let npm start bring it.`;
  if (!pulumi) return warning(`Node ${node}; the Pulumi CLI does not tell its version`, install);
  if (part(pulumi, 0) !== part(wanted.pulumi, 0)) return failed(`Pulumi ${pulumi}, wanted ${wanted.pulumi}`, install);
  if (compare(pulumi, wanted.pulumi) < 0)
    return warning(`Pulumi ${pulumi} is older than its SDK ${wanted.pulumi}`, install);
  return ok(`Node ${node}, Pulumi ${pulumi}`);
}

function compare(one: string, other: string): number {
  for (const index of [0, 1, 2]) {
    const difference = part(one, index) - part(other, index);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Major, minor or patch of `v20.19.1`, `>=20.19` or `3.248.0-alpha`. */
function part(version: string, index: number): number {
  return Number(version.replace(/^[^\d]*/, "").split(/[^\d]/)[index] ?? 0);
}
