import { project } from "../../contract/names";
import { UserError } from "../errors";

/** What a state tells of a resource, as far as it decides which code the engine runs for it. */
export interface StatedResource {
  readonly urn?: string;
  readonly type: string;
  readonly provider?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** The state asks the engine to run what the program does not have. */
export class ForeignState extends UserError {}

/** Types of the program: components, resources of AWS and their provider. */
const known = new RegExp(`^(${project}:[\\w/:]+|aws:[\\w/:]+|pulumi:pulumi:Stack|pulumi:providers:aws)$`);
const provider = /^urn:pulumi:[^:]+::[^:]+::(?:[\w:$/]+\$)?pulumi:providers:aws::[^:]+::[\w-]+$/;

/**
 * What a state would have the engine run that the program does not have. A state may hold a resource of a dynamic
 * provider, whose code lies in the state itself and runs when it is refreshed, changed or deleted (Pulumi
 * documentation, "Dynamic providers": `__provider`), or a provider from a place of its own (`pluginDownloadURL`).
 * Whoever may write a state could act by them as whoever updates the stack next.
 * @returns one line for each such resource; none for a state of this program.
 */
export function foreignCode(resources: readonly StatedResource[]): string[] {
  return resources.flatMap(({ urn = "", type, provider: by = "", inputs = {}, outputs = {} }) => {
    const name = `${type} ${urn.split("::").at(-1) ?? ""}`.trim();
    if (!known.test(type)) return [`${name}: the program has no resources of this type`];
    if ([inputs, outputs].some((values) => "__provider" in values)) return [`${name}: carries code of its own`];
    if ([inputs, outputs].some((values) => "pluginDownloadURL" in values))
      return [`${name}: names a place to fetch a plugin from`];
    return by === "" || provider.test(by) ? [] : [`${name}: is kept by ${by}`];
  });
}

/** @throws ForeignState naming every resource that would run what the program does not have. */
export function refuseForeignCode(stack: string, resources: readonly StatedResource[]): void {
  const lines = foreignCode(resources);
  if (lines.length === 0) return;
  throw new ForeignState(
    `The state of ${stack} would run code that is not the program's; nothing was changed:\n${lines.map((line) => `  - ${line}`).join("\n")}`,
    "Somebody wrote into the state. Tell the auditor, and put an earlier version of the state back (docs/runbooks/stuck-release.md).",
  );
}
