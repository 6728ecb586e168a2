import type { ProviderInstance } from "../../local/provider/provider";
import type { Properties } from "../../local/provider/values";
import { denials } from "../../aws/session";
import type { Deployed, Deployment } from "./deployment";

/** What somebody could not do with a type of resource, and AWS's words. */
export interface Refusal {
  readonly type: string;
  readonly name: string;
  readonly step: "read" | "delete" | "create" | "update";
  readonly words: string;
}

/** Reads resources, as a refresh does. @returns the refusals. @throws any other error. */
export async function reads(resources: readonly Deployed[], provider: ProviderInstance): Promise<Refusal[]> {
  const refused: Refusal[] = [];
  for (const resource of resources)
    await tried(refused, resource, "read", () =>
      provider.read(resource.type, resource.id, resource.state, resource.inputs),
    );
  return refused;
}

/**
 * Reads each resource, tags it, takes it away and makes it again, the last made first, as an update that replaces
 * everything does. What is refused stays as it is.
 * @returns the refusals.
 * @throws any other error.
 */
export async function rebuild(
  resources: readonly Deployed[],
  deployment: Deployment,
  provider: ProviderInstance,
): Promise<Refusal[]> {
  const refused = await reads(resources, provider);
  for (const resource of resources.filter(({ inputs }) => isObject(inputs["tags"])))
    await tried(refused, resource, "update", async () => {
      const inputs = { ...resource.inputs, tags: { ...(resource.inputs["tags"] as Properties), note: "again" } };
      resource.state = await provider.update(resource.type, resource.id, resource.state, resource.inputs, inputs, []);
      resource.state = await provider.update(resource.type, resource.id, resource.state, inputs, resource.inputs, []);
    });
  const gone: Deployed[] = [];
  for (const resource of [...resources].reverse())
    if (
      await tried(refused, resource, "delete", () =>
        provider.delete(resource.type, resource.id, resource.state, resource.inputs),
      )
    )
      gone.unshift(resource);
  // What AWS numbers gets another number.
  const now = new Map<string, string>();
  for (const resource of gone)
    await tried(refused, resource, "create", async () => {
      const inputs = JSON.parse(
        [...now].reduce((text, [before, after]) => text.replaceAll(before, after), JSON.stringify(resource.inputs)),
      ) as Properties;
      const { id, properties } = await provider.create(
        resource.type,
        deployment.urnOf(resource.type, resource.name),
        inputs,
      );
      for (const [before, after] of [
        [resource.id, id],
        [resource.state["arn"], properties["arn"]],
      ] as const)
        if (typeof before === "string" && typeof after === "string" && before !== after) now.set(before, after);
      Object.assign(resource, { id, inputs, state: properties });
    });
  return refused;
}

/** @returns whether it was done; a refusal is noted. */
async function tried(
  refused: Refusal[],
  { type, name }: Deployed,
  step: Refusal["step"],
  work: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    const { message, code = "" } = error as Error & { code?: string };
    if (!denials.has(code) && !/not authorized to perform|AccessDenied/.test(message))
      throw new Error(`${type} ${name} ${step}: ${message}`, { cause: error });
    refused.push({ type, name, step, words: message });
    return false;
  }
}

const isObject = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);
