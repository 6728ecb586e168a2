import { matches } from "./glob";
import type { Precondition, RequestEdge } from "./edges/edge";
import { type Asset, list, type Role, type Session } from "./model";
import type { AllowedRequest, Evaluator, RequestPattern } from "./evaluator";
import { findAllowedRequest } from "./requests";

/** Parts of an asset that an edge's braces name; undefined where the thing has no such part. */
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

/**
 * What to ask for, so that a precondition holds about an asset.
 * @returns undefined where the asset lacks a part that the precondition names.
 */
function requestPatternOf(
  { action, resource, context }: Precondition,
  asset: Asset,
  role: Role | undefined,
  region: string,
): RequestPattern | undefined {
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
  const pattern = {
    action,
    pattern: fill(resource),
    context: Object.fromEntries(Object.entries(context ?? {}).map(([key, value]) => [key, values(value)])),
  };
  return missing ? undefined : pattern;
}

/** The action and the thing are of one service: tags of a queue are not set by SageMaker. */
function isOfSameService({ action, resource }: Precondition, asset: Asset): boolean {
  return resource !== "{arn}" || asset.arn.split(":")[2] === action.slice(0, action.indexOf(":"));
}

/**
 * Whether a precondition is about the asset itself, or what belongs to it by name; else what AWS says of the asset is
 * not said of the request.
 */
function isAbout({ resource }: Precondition): boolean {
  return resource.startsWith("{") || resource.includes("{name}");
}

/**
 * The first alternative of an edge whose preconditions a session can all meet about an asset.
 * @param role the thing itself, where it is a role.
 * @returns an allowed request for each precondition.
 */
export function firstAllowedAlternative(
  evaluator: Evaluator,
  edge: RequestEdge,
  session: Session,
  asset: Asset,
  role: Role | undefined,
  region: string,
  freeTags: boolean,
): AllowedRequest[] | undefined {
  if (edge.trustedService && !(role && trustsService(role, edge.trustedService))) return undefined;
  for (const alternative of edge.alternatives) {
    const requests: AllowedRequest[] = [];
    for (const precondition of alternative) {
      const pattern = isOfSameService(precondition, asset)
        ? requestPatternOf(precondition, asset, role, region)
        : undefined;
      const given =
        pattern &&
        findAllowedRequest(
          evaluator,
          session,
          isAbout(precondition) ? asset : { ...asset, policy: undefined, tags: undefined, context: undefined },
          pattern,
          region,
          freeTags,
        );
      if (!given) break;
      requests.push(given);
    }
    if (requests.length === alternative.length) return requests;
  }
  return undefined;
}

/**
 * Whether a service may take a role, under whichever conditions: those are about whom it acts for, and that is the
 * account.
 */
function trustsService(role: Role, service: string): boolean {
  return role.trust.statements.some(
    ({ Effect, Principal }) =>
      Effect === "Allow" &&
      typeof Principal === "object" &&
      list(Principal.Service).some((name) => matches(name, service)),
  );
}
