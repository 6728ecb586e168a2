import type { ContextSource } from "./context-source";
import { globalKey } from "./global-keys";
import type { Lookup, Values } from "./pattern";

/** The request context of one requirement: AWS's global condition keys, tags, and the action's own keys. */
export function requestContext(source: ContextSource): Lookup {
  const own = lowerKeys(source.requirement.context);
  const known = new Map<string, Values | undefined>();
  return (key) => {
    if (own?.has(key)) return own.get(key);
    if (!known.has(key)) known.set(key, globalKey(key, source));
    return known.get(key);
  };
}

/** A fixed context, as the policy simulator is given one. */
export function fixedContext(entries: Readonly<Record<string, string | Values>>): Lookup {
  const keys = lowerKeys(entries);
  return (key) => keys?.get(key);
}

function lowerKeys(entries: Readonly<Record<string, string | Values>> | undefined): Map<string, Values> | undefined {
  return (
    entries &&
    new Map(
      Object.entries(entries).map(([key, value]) => [key.toLowerCase(), typeof value === "string" ? [value] : value]),
    )
  );
}
