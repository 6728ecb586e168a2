import type { z } from "zod";

/** What is wrong with one setting. */
export interface Problem {
  /** `peregrine:people[2]`, `aws:region`, `stack`. */
  readonly propertyPath: string;
  readonly reason: string;
}

/** What several settings are not together: the setting to blame, an element of it where it is a list, and why. */
export interface Clash<Name extends string> {
  readonly name: Name;
  readonly index?: number;
  readonly reason: string;
}

/** What settings must be together. Asked once each of them is right by itself; of a list, elements may be wrong. */
export interface Demand<Values> {
  readonly of: readonly (keyof Values & string)[];
  /** @param stack name of the stack. */
  readonly clashes: (values: Values, stack: string) => Iterable<Clash<keyof Values & string>>;
}

/** What Zod found, in the words of settings. @param issue of `{ stack, aws: {...}, peregrine: {...} }`. */
export function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  const [namespace, ...path] = issue.path;
  // A misspelt key would otherwise be ignored in silence.
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      propertyPath: `${String(namespace)}:${key}`,
      reason: "is not a setting; the settings are listed in Pulumi.yaml",
    }));
  const name = path.map((part) => (typeof part === "number" ? `[${part}]` : String(part))).join("");
  return [
    { propertyPath: path.length === 0 ? String(namespace) : `${String(namespace)}:${name}`, reason: issue.message },
  ];
}
