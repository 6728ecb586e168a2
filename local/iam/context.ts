import type { Call, Members, Requirement } from "../cloud";
import { globalKey } from "./global-keys";
import type { Lookup, Values } from "./pattern";

/** What the context of a request is made from. */
export interface ContextSource {
  readonly call: Call;
  readonly input: Members;
  readonly requirement: Requirement;
  readonly region: string;
  /** Tags of the caller: the role's or user's own, overlaid by session tags. */
  readonly principalTags: () => Readonly<Record<string, string>>;
  /** Tags of the requirement's resource. */
  readonly resourceTags: () => Readonly<Record<string, string>> | undefined;
  readonly resourceAccount: string;
  /** Tags of the request speak of this requirement (they do not of `iam:PassRole` beside a create). */
  readonly ownAction: boolean;
}

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
