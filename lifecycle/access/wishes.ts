import { matches } from "./glob";
import type { Need, RequestEdge } from "./edges/kind";
import { type Asset, list, type Role, type Session } from "./model";
import { type Evaluator, grant, type Granted, type Wish } from "./requests";

/** Parts of a thing that an edge kind's braces name; undefined where the thing has no such part. */
function partOf(name: string, asset: Asset, role: Role | undefined, region: string): string | undefined {
  switch (name) {
    case "arn":
      return asset.arn;
    case "account":
      return asset.account;
    case "region":
      return region;
    case "role":
      return asset.role;
    case "boundary":
      return role?.boundary?.arn;
    default:
      return asset.parts?.[name];
  }
}

/** @returns undefined where the thing lacks a part that the need names. */
function wishOf({ action, on, context }: Need, asset: Asset, role: Role | undefined, region: string): Wish | undefined {
  let missing = false;
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_all, name: string) => {
      const part = partOf(name, asset, role, region);
      if (part === undefined) missing = true;
      return part ?? "";
    });
  // A role without a boundary: AWS says nothing of one.
  const values = (value: string | readonly string[]): string[] =>
    value === "{boundary}" && !role?.boundary ? [] : list(value).map(fill);
  const wish = {
    action,
    pattern: fill(on),
    context: Object.fromEntries(Object.entries(context ?? {}).map(([key, value]) => [key, values(value)])),
  };
  return missing ? undefined : wish;
}

/** The action and the thing are of one service: tags of a queue are not set by SageMaker. */
function fits({ action, on }: Need, asset: Asset): boolean {
  return on !== "{arn}" || asset.arn.split(":")[2] === action.slice(0, action.indexOf(":"));
}

/** Whether a need is about the thing itself, or what belongs to it by name; else what AWS says of the thing is not said of the request. */
function isAbout({ on }: Need): boolean {
  return on.startsWith("{") || on.includes("{name}");
}

/**
 * The first way of an edge kind that is allowed to a session about a thing.
 * @param role the thing itself, where it is a role.
 * @returns a granted request for each need of the way.
 */
export function wayOf(
  evaluator: Evaluator,
  edge: RequestEdge,
  session: Session,
  asset: Asset,
  role: Role | undefined,
  region: string,
  freeTags: boolean,
): Granted[] | undefined {
  if (edge.trusts && !(role && trustsService(role, edge.trusts))) return undefined;
  for (const way of edge.ways) {
    const granted: Granted[] = [];
    for (const need of way) {
      const wish = fits(need, asset) ? wishOf(need, asset, role, region) : undefined;
      const given =
        wish &&
        grant(
          evaluator,
          session,
          isAbout(need) ? asset : { ...asset, policy: undefined, tags: undefined, context: undefined },
          wish,
          region,
          freeTags,
        );
      if (!given) break;
      granted.push(given);
    }
    if (granted.length === way.length) return granted;
  }
  return undefined;
}

/** Whether a service may take a role, under whichever conditions: those are about whom it acts for, and that is the account. */
function trustsService(role: Role, service: string): boolean {
  return role.trust.statements.some(
    ({ Effect, Principal }) =>
      Effect === "Allow" &&
      typeof Principal === "object" &&
      list(Principal.Service).some((name) => matches(name, service)),
  );
}
