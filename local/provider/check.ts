import { makeName, NameProblem, hex, logicalName, type Autonaming } from "./naming";
import type { ResourceType } from "./resource-type";
import type { SdkSchema } from "./sdk-schema";
import type { Session } from "./session";
import { holdsUnknown, isObject, unknown, type Properties } from "./values";

/** Inputs that hold values the provider made up, as Pulumi's Terraform bridge records them. */
export const defaultsKey = "__defaults";

export interface CheckRequest {
  readonly urn: string;
  readonly olds: Properties;
  readonly news: Properties;
  readonly seed: Uint8Array;
  readonly autonaming?: Autonaming;
}

export interface CheckResult {
  readonly inputs: Properties;
  readonly failures: readonly { readonly property: string; readonly reason: string }[];
}

/** Completes and checks the inputs of a resource: name, defaults, default tags, required inputs. */
export function check(
  type: ResourceType,
  schema: SdkSchema | undefined,
  session: Session,
  request: CheckRequest,
): CheckResult {
  const inputs: Properties = {};
  for (const [name, value] of Object.entries(request.news))
    if (value !== null && name !== defaultsKey) inputs[name] = value;
  const failures: { property: string; reason: string }[] = [];
  const made: string[] = [];
  try {
    if (type.name && inputs[type.name.property] === undefined && !type.name.required) {
      inputs[type.name.property] = nameFor(type, request, inputs);
      made.push(type.name.property);
    }
  } catch (error) {
    if (!(error instanceof NameProblem)) throw error;
    failures.push({ property: type.name!.property, reason: error.message });
  }
  for (const [name, value] of Object.entries(type.defaults ?? {})) {
    if (inputs[name] !== undefined) continue;
    inputs[name] = value;
    made.push(name);
  }
  if (schema?.inputs.has("tags")) {
    const tags = mergedTags(session, inputs.tags);
    if (tags === unknown || (isObject(tags) && Object.keys(tags).length > 0)) inputs.tags = tags;
  }
  for (const name of new Set([...(schema?.required ?? []), ...(type.required ?? [])])) {
    if (inputs[name] === undefined) failures.push({ property: name, reason: `Missing required property '${name}'` });
  }
  for (const name of Object.keys(inputs)) {
    if (schema && !schema.inputs.has(name))
      failures.push({ property: name, reason: `Unexpected property '${name}': ${type.title} has no such input` });
  }
  const found = holdsUnknown(inputs) ? {} : (type.check?.(inputs) ?? {});
  for (const [property, reason] of Object.entries(found)) failures.push({ property, reason });
  if (made.length > 0) inputs[defaultsKey] = made;
  return { inputs, failures };
}

/** A name for a resource that was given none; an earlier made-up name stays. */
function nameFor(type: ResourceType, request: CheckRequest, inputs: Properties): string {
  const rule = type.name!;
  const before = request.olds[rule.property];
  const madeBefore = request.olds[defaultsKey];
  if (typeof before === "string" && Array.isArray(madeBefore) && madeBefore.includes(rule.property)) return before;
  const suffix = rule.suffix?.(inputs) ?? "";
  const seed = request.seed.length > 0 ? request.seed : request.urn;
  const prefix = inputs[`${rule.property}Prefix`];
  if (typeof prefix === "string") return prefix + hex(seed, 16) + suffix;
  const logical = logicalName(request.urn);
  const name = makeName(
    rule.lowerCase ? logical.toLowerCase() : logical,
    seed,
    rule.limit - suffix.length - (rule.prefix?.length ?? 0),
    request.autonaming,
  );
  return `${rule.prefix ?? ""}${name}${suffix}`;
}

/** The provider's default tags under the resource's own, as pulumi-aws merges them before policies see the inputs. */
function mergedTags(session: Session, own: Properties[string] | undefined): Properties[string] {
  if (own === unknown) return unknown;
  return { ...session.defaultTags, ...(isObject(own) ? own : {}) };
}
