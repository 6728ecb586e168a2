import type { Members } from "../members";
import { AwsError } from "../errors";
import { defaultsKey } from "./check";
import { failure, isGone, ProviderFailure } from "./failures";
import { answers, fromMember, memberPath, namesBack, toRequest } from "./mapping";
import { describe, run, withoutProviderOwn } from "./operations";
import type { Context, ResourceType, Step } from "./resource-type";
import type { Session } from "./session";
import { changeTags, tagSteps } from "./tags";
import { isObject, type Properties } from "./values";
import { waitFor, waitUntilGone } from "./waiters";

export interface Resource {
  readonly id: string;
  readonly properties: Properties;
}

export interface ReadResource extends Resource {
  readonly inputs: Properties;
}

/** Creates a resource. @throws ProviderFailure; with `created` when the resource exists but is not as wanted. */
export async function create(type: ResourceType, session: Session, checked: Properties): Promise<Resource> {
  const inputs = withoutDefaults(checked);
  let context: Context = { session, inputs, state: {}, id: "" };
  let id = "";
  let answer: Members = {};
  try {
    for (const [index, step] of [...type.create, ...tagSteps(type, inputs)].entries()) {
      if (index > 0 && !runsOnCreate(step, context)) continue;
      const stepAnswer = await run("creating", type, step, context);
      if (index > 0) continue;
      answer = stepAnswer;
      id = type.id(answer, context);
      context = { ...context, id, state: stateOf(type, context, answer) };
    }
    if (type.wait) answer = await waitFor("creating", type, context);
  } catch (error) {
    const told =
      error instanceof ProviderFailure
        ? error
        : new ProviderFailure(String((error as Error).message), undefined, { cause: error });
    throw id ? new ProviderFailure(told.message, { id, properties: context.state }, { cause: error }) : told;
  }
  return { id, properties: stateOf(type, context, answer) };
}

/** Brings a resource from its state to the wanted inputs. */
export async function update(
  type: ResourceType,
  session: Session,
  id: string,
  state: Properties,
  oldInputs: Properties,
  checked: Properties,
  changed: readonly string[],
): Promise<Properties> {
  const inputs = withoutDefaults(checked);
  const context: Context = { session, inputs, state, id };
  const withoutOld = Object.fromEntries(
    Object.entries(state).filter(([name]) => !(name in oldInputs) || name in inputs),
  );
  let answer: Members = {};
  try {
    for (const step of type.update ?? type.create) {
      if (runsOnUpdate(type, step, context, changed)) answer = await run("updating", type, step, context);
    }
    if (changed.includes("tags")) await changeTags(type, context, state.tags ?? oldInputs.tags);
    if (type.wait && changed.some((name) => name !== "tags")) answer = await waitFor("updating", type, context);
  } catch (error) {
    throw new ProviderFailure((error as Error).message, { id, properties: state }, { cause: error });
  }
  return { ...withoutOld, ...stateOf(type, { ...context, state: withoutOld }, answer) };
}

/** Deletes a resource; one that is not there is deleted. */
export async function remove(
  type: ResourceType,
  session: Session,
  id: string,
  state: Properties,
  oldInputs: Properties,
): Promise<void> {
  const context: Context = { session, inputs: withoutDefaults({ ...oldInputs, ...state }), state, id };
  if (typeof type.delete === "function") {
    try {
      return await type.delete(context);
    } catch (error) {
      if (isGone(error)) return;
      throw error instanceof ProviderFailure
        ? error
        : failure("deleting", type.title, id, session.model(type.service), "Delete", error);
    }
  }
  for (const step of type.delete) {
    if (step.if && !step.if(context)) continue;
    try {
      await run("deleting", type, step, context);
    } catch (error) {
      const { cause } = error as ProviderFailure;
      if (!isGone(cause) && !(cause instanceof AwsError && cause.code === step.tolerates)) throw error;
    }
  }
  if (type.waitDeleted) await waitUntilGone(type, context);
}

/**
 * Reads what AWS holds. Inputs keep their value while the answer agrees with them (defaults that AWS adds are no
 * difference); otherwise they take AWS's.
 * @returns undefined when the resource is gone.
 */
export async function read(
  type: ResourceType,
  session: Session,
  id: string,
  state: Properties,
  oldInputs: Properties,
): Promise<ReadResource | undefined> {
  const importing = Object.keys(oldInputs).length === 0 && Object.keys(state).length === 0;
  const known = importing
    ? { ...(type.fromId?.(id, session) ?? (type.name ? { [type.name.property]: id } : {})) }
    : withoutDefaults(oldInputs);
  const context: Context = { session, inputs: { ...state, ...known }, state, id };
  if (!type.read) return { id, properties: { ...known, ...state }, inputs: oldInputs };
  let answer: Members | undefined;
  try {
    answer = await describe(type, context);
  } catch (error) {
    if (isGone((error as ProviderFailure).cause ?? error)) return undefined;
    throw error;
  }
  if (!answer) return undefined;
  const live = importing ? imported(type, answer, known, session) : drifted(type, answer, known, session);
  const inputs = oldInputs[defaultsKey] === undefined ? live : { ...live, [defaultsKey]: oldInputs[defaultsKey] };
  return { id, properties: { ...state, ...stateOf(type, { ...context, inputs: live }, answer) }, inputs };
}

function runsOnCreate(step: Step, context: Context): boolean {
  if (step.if && !step.if(context)) return false;
  return !step.when || step.when.some((name) => context.inputs[name] !== undefined);
}

function runsOnUpdate(type: ResourceType, step: Step, context: Context, changed: readonly string[]): boolean {
  if (step.if && !step.if(context)) return false;
  if (step.when) return step.when.some((name) => changed.includes(name));
  const shape = context.session.model(type.service).operation(step.operation)?.input?.shape;
  const renames = { ...type.rename, ...step.rename };
  const takes = (name: string): boolean =>
    name !== "tags" &&
    (name in (step.attributes ?? {}) ||
      (step.only?.includes(name) ?? (shape !== undefined && memberPath(shape, name, renames) !== undefined)));
  return changed.some(takes) || (step.request !== undefined && changed.some((name) => name !== "tags"));
}

function stateOf(type: ResourceType, context: Context, answer: Members): Properties {
  const { inputs, session, state } = context;
  const computed = type.outputs?.(answer, context) ?? {};
  const given = Object.fromEntries(
    Object.entries(computed).filter(([, value]) => value !== undefined && value !== null),
  ) as Properties;
  const tags: Properties =
    type.tags || inputs.tags !== undefined ? { tagsAll: isObject(inputs.tags) ? inputs.tags : {} } : {};
  const kept = Object.fromEntries(
    Object.keys(computed)
      .filter((name) => name in state)
      .map((name) => [name, state[name]!]),
  );
  return { region: session.region, ...inputs, ...tags, ...kept, ...given };
}

function drifted(type: ResourceType, answer: Members, inputs: Properties, session: Session): Properties {
  const step = type.create[0]!;
  const model = session.model(type.service);
  const shape = model.operation(step.operation)?.input?.shape;
  const answerShape = model.operation(type.read!.operation)?.output?.shape;
  if (!shape || !answerShape) return inputs;
  const renames = { ...type.rename, ...step.rename };
  const wanted = toRequest(shape, withoutProviderOwn(inputs, type, step), renames);
  const live: Properties = {};
  for (const [name, value] of Object.entries(inputs)) {
    const path = memberPath(shape, name, renames);
    const member = path?.length === 1 && name !== "tags" ? path[0]! : undefined;
    const found = member && answer[member.name];
    live[name] =
      found === undefined || answers(wanted[member!.name], found)
        ? value
        : fromMember(member!.shape, found, namesBack(renames));
  }
  return live;
}

/** Inputs of a resource that Pulumi did not make, for import and `.get`. */
function imported(type: ResourceType, answer: Members, known: Properties, session: Session): Properties {
  const step = type.create[0]!;
  const shape = session.model(type.service).operation(step.operation)?.input?.shape;
  const inputs: Properties = { ...known };
  if (!shape) return inputs;
  const backwards = new Map(
    Object.entries({ ...type.rename, ...step.rename })
      .filter(([, member]) => member !== null)
      .map(([name, member]) => [member!, name]),
  );
  for (const member of shape.members) {
    const found = answer[member.name];
    if (found === undefined || found === null) continue;
    const named = backwards.get(member.name) ?? fromMember({ ...shape, type: "structure" }, { [member.name]: null });
    const name = typeof named === "string" ? named : Object.keys(named as object)[0]!;
    inputs[name] ??= fromMember(member.shape, found, namesBack(type.rename ?? {}));
  }
  return inputs;
}

function withoutDefaults(inputs: Properties): Properties {
  const { [defaultsKey]: _made, ...rest } = inputs;
  return rest;
}
