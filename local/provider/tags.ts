import type { Members } from "../members";
import type { Member } from "../model/shapes";
import { failure } from "./failures";
import { toMember } from "./mapping";
import type { Context, ResourceType, Step } from "./resource-type";
import { isObject, sameValue, type Properties, type Value } from "./values";

/** The step that tags a new resource whose create operation takes no tags. */
export function tagSteps(type: ResourceType, inputs: Properties): Step[] {
  const { tags } = type;
  if (!tags?.after || !isObject(inputs.tags) || Object.keys(inputs.tags).length === 0) return [];
  return [{ operation: tags.add, only: ["tags"], when: ["tags"], request: (context) => tags.identity(context) }];
}

/** Removes tags that are no longer wanted and puts the others. */
export async function changeTags(type: ResourceType, context: Context, before: Value | undefined): Promise<void> {
  const { tags } = type;
  if (!tags) return;
  const old = isObject(before) ? before : {};
  const wanted = isObject(context.inputs.tags) ? context.inputs.tags : {};
  const gone = Object.keys(old).filter((key) => !(key in wanted));
  const put = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => !sameValue(old[key], value)));
  const identity = tags.identity(context);
  if (gone.length > 0)
    await send(type, context, tags.remove, { ...identity, ...keysMember(type, context, tags.remove, gone) });
  if (Object.keys(put).length > 0)
    await send(type, context, tags.add, { ...identity, ...tagsMember(type, context, tags.add, put) });
}

async function send(type: ResourceType, context: Context, operation: string, request: Members): Promise<void> {
  try {
    await context.session.call(type.service, operation, request);
  } catch (error) {
    throw failure("updating tags of", type.title, context.id, context.session.model(type.service), operation, error);
  }
}

/**
 * What takes tags in a request: services call it Tags, tags or TagsList, a list of Key/Value or a map; the model says
 * which.
 */
export function tagsMemberOf(members: readonly Member[]): Member | undefined {
  return members.find(({ name }) => /^tags(list)?$/i.test(name));
}

/** What takes the keys of tags that go; CloudTrail takes whole tags, by their keys. */
export function keysMemberOf(members: readonly Member[]): Member | undefined {
  return members.find(({ name }) => /^tagkeys$|^tagslist$/i.test(name));
}

function tagsMember(type: ResourceType, context: Context, operation: string, tags: Properties): Members {
  const member = tagsMemberOf(membersOf(type, context, operation));
  return member ? { [member.name]: toMember(member.shape, tags, [], {}) } : {};
}

function keysMember(type: ResourceType, context: Context, operation: string, keys: readonly string[]): Members {
  const member = keysMemberOf(membersOf(type, context, operation));
  return member
    ? { [member.name]: member.shape.element?.shape.type === "structure" ? keys.map((Key) => ({ Key })) : [...keys] }
    : {};
}

const membersOf = (type: ResourceType, context: Context, operation: string): readonly Member[] =>
  context.session.model(type.service).operation(operation)?.input?.shape.members ?? [];
