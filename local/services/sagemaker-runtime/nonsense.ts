import type { ContainerAnswer } from "../sagemaker/hosting/fleets/instance";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Members that hold a confidence between 0 and 1, by the names that detectors give it. */
const confidenceName = /^(confidences?|scores?|prob(abilit(y|ies))?)$/i;
/** A confidence that no model can have, */
const ABSURD_CONFIDENCE = 7;
/** and an offset in pixels that leaves every image. */
const ABSURD_OFFSET = 1_000_000;

/** An answer with its JSON body changed; one without JSON, or with an error, as it is. */
export function rewritten(answer: ContainerAnswer, change: (value: Json) => Json): ContainerAnswer {
  if (answer.status >= 400) return answer;
  let value: Json;
  try {
    value = JSON.parse(answer.body.toString("utf8")) as Json;
  } catch {
    return answer;
  }
  return { ...answer, body: Buffer.from(JSON.stringify(change(value))) };
}

/** Empties every array that is a member called `name`, at any depth. */
export function emptied(value: Json, name: string): Json {
  return mapped(value, (member, inner) => (member === name && Array.isArray(inner) ? [] : undefined));
}

/** Confidences become 7, arrays of four numbers (boxes) move out of every image; the form of the answer stays. */
export function absurd(value: Json): Json {
  return mapped(value, (member, inner) => {
    if (confidenceName.test(member)) return everyNumber(inner, () => ABSURD_CONFIDENCE);
    if (Array.isArray(inner) && inner.length === 4 && inner.every((one) => typeof one === "number"))
      return inner.map((one) => Number(one) + ABSURD_OFFSET);
    return undefined;
  });
}

/**
 * Replaces members for which `change` answers something; goes into all others. Elements of an array count under the
 * array's name.
 */
function mapped(value: Json, change: (member: string, value: Json) => Json | undefined, name = ""): Json {
  const changed = change(name, value);
  if (changed !== undefined) return changed;
  if (Array.isArray(value)) return value.map((inner) => mapped(inner, change, name));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([member, inner]) => [member, mapped(inner, change, member)]));
}

function everyNumber(value: Json, change: (value: number) => number): Json {
  if (typeof value === "number") return change(value);
  return Array.isArray(value) ? value.map((inner) => everyNumber(inner, change)) : value;
}
