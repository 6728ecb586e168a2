import { parsePolicy, type Statement } from "../../local/iam/document";

/** One thing that is asked of IAM. */
export interface IamRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/**
 * Requests as the holder of policies makes them: each action on each resource that a statement names, under conditions
 * that hold, and the same on a resource of the same kind with another name.
 */
export function requestsAbout(policies: readonly string[]): IamRequest[] {
  return policies.flatMap((text) => parsePolicy(text, "identity").statements.flatMap(requestsOf));
}

function requestsOf({ actions, notAction, resources, notResource, conditions }: Statement): IamRequest[] {
  if (notAction || notResource) return [];
  // The first value of a condition, as a request would bring it: `ml.m5.*` -> `ml.m5.any`.
  const context = Object.fromEntries(
    conditions
      .filter(({ operator, values }) => operator !== "Null" && values[0] !== undefined)
      .map(({ key, values }) => [key, [concrete(values[0]!)]]),
  );
  return actions.flatMap((action) =>
    resources.flatMap((resource) => {
      const known = { action: concrete(action), resource: resource === "*" ? "*" : concrete(resource), context };
      return resource === "*" ? [known] : [known, { ...known, resource: otherName(known.resource) }];
    }),
  );
}

function concrete(pattern: string): string {
  return pattern.replaceAll("*", "any").replaceAll("?", "x");
}

/** `arn:…:endpoint/peregrine-dev-detector` -> `arn:…:endpoint/other-peregrine-dev-detector`. */
function otherName(arn: string): string {
  const at = Math.max(arn.lastIndexOf("/"), arn.lastIndexOf(":")) + 1;
  return `${arn.slice(0, at)}other-${arn.slice(at)}`;
}
