import type { Members } from "../members";
import { failure } from "./failures";
import { toRequest } from "./mapping";
import type { Context, ResourceType, Step } from "./resource-type";
import type { Properties } from "./values";

/** The read operation's answer for a resource. */
export async function describe(type: ResourceType, context: Context): Promise<Members | undefined> {
  const answer = await run("reading", type, type.read!, context);
  return type.read!.result ? type.read!.result(answer, context) : answer;
}

/**
 * Runs one step of a resource's life as its AWS operation.
 * @throws ProviderFailure in Terraform's words, AWS's error as its cause.
 */
export async function run(doing: string, type: ResourceType, step: Step, context: Context): Promise<Members> {
  const model = context.session.model(type.service);
  const shape = model.operation(step.operation)?.input?.shape;
  if (!shape) throw new Error(`${type.token}: ${type.service} has no operation ${step.operation}`);
  const renames = { ...type.rename, ...step.rename };
  const taken = step.only
    ? Object.fromEntries(Object.entries(context.inputs).filter(([name]) => step.only!.includes(name)))
    : context.inputs;
  let request = toRequest(shape, withoutProviderOwn(taken, type, step), renames);
  const attributes = attributesOf(step, context.inputs);
  if (attributes) request.Attributes = attributes;
  if (step.request) request = { ...request, ...(await step.request(context, request)) };
  for (const name of Object.keys(request)) if (request[name] === undefined) delete request[name];
  try {
    return await context.session.call(type.service, step.operation, request);
  } catch (error) {
    const named = type.name && context.inputs[type.name.property];
    throw failure(
      doing,
      type.title,
      context.id || (typeof named === "string" ? named : ""),
      model,
      step.operation,
      error,
    );
  }
}

/** Inputs without those that steer the provider: no AWS operation may see them, even where a name happens to fit. */
export function withoutProviderOwn(inputs: Properties, type: ResourceType, step: Step): Properties {
  const own = new Set(["region", "timeouts", ...(type.local ?? []), ...Object.keys(step.attributes ?? {})]);
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !own.has(name)));
}

function attributesOf(step: Step, inputs: Properties): Record<string, string> | undefined {
  if (!step.attributes) return undefined;
  const given = Object.entries(step.attributes).filter(([name]) => inputs[name] !== undefined && inputs[name] !== null);
  return given.length > 0
    ? Object.fromEntries(given.map(([name, attribute]) => [attribute, attributeText(inputs[name])]))
    : undefined;
}

export const attributeText = (value: unknown): string =>
  typeof value === "object" ? JSON.stringify(value) : String(value);
