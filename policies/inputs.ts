import { UnknownValueError } from "@pulumi/policy";

/** Inputs of a resource, or a part of them. Unknown ones throw when they are touched during a preview. */
export type Inputs = Readonly<Record<string, unknown>>;

/** What is read, or undefined when a preview does not know it. */
export function orUnknown<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnknownValueError) return undefined;
    throw error;
  }
}

/** Whether an input is set. One that a preview does not know yet is: something will give it its value. */
export function isGiven(inputs: Inputs | undefined, name: string): boolean {
  if (!inputs) return false;
  try {
    const value = inputs[name];
    return value !== undefined && value !== null && value !== "";
  } catch (error) {
    if (error instanceof UnknownValueError) return true;
    throw error;
  }
}

/** A nested block of inputs; some are lists of at most one. */
export function blockOf(inputs: Inputs | undefined, name: string): Inputs | undefined {
  const value = inputs?.[name];
  return (Array.isArray(value) ? value[0] : value) as Inputs | undefined;
}

/** A list of blocks; none when it is not set, one where the provider takes a single one. */
export function blocksOf(inputs: Inputs | undefined, name: string): readonly Inputs[] {
  const value = inputs?.[name];
  return value === undefined || value === null ? [] : Array.isArray(value) ? (value as Inputs[]) : [value as Inputs];
}

/** A value that may be written as JSON text, as settings of providers are. */
export function parsed(value: unknown): unknown {
  return typeof value === "string" ? JSON.parse(value) : value;
}

/** The tags that a resource will carry: the provider's defaults with its own over them. */
export function effectiveTags(
  props: Inputs,
  provider: { readonly props: Inputs } | undefined,
): Readonly<Record<string, string>> {
  const defaults = parsed(provider?.props["defaultTags"]) as { tags?: Record<string, string> } | undefined;
  return { ...defaults?.tags, ...(props["tagsAll"] as object | undefined), ...(props["tags"] as object | undefined) };
}

/**
 * Whether an input is a file or an archive. Such inputs do not survive a remediation (@pulumi/policy 1.21 writes
 * archives as lists, which the engine refuses).
 */
export function holdsFiles(inputs: Inputs): boolean {
  return Object.keys(inputs).some((name) => {
    const value = orUnknown(() => inputs[name]) as
      { __pulumiAsset?: boolean; __pulumiArchive?: boolean } | null | undefined;
    return (
      typeof value === "object" &&
      value !== null &&
      (orUnknown(() => value.__pulumiAsset) ?? orUnknown(() => value.__pulumiArchive)) === true
    );
  });
}
