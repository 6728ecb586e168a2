import * as pulumi from "@pulumi/pulumi";
import type { Principal } from "../../local/iam/principal";
import type { LocalCloud } from "../../local/server";
import { ProviderInstance } from "../../local/provider/provider";
import { archiveMark, assetMark, type Properties, signature, type Value } from "../../local/provider/values";
import { runProgram } from "../support/program";

/** A resource of the program as it is on the local cloud. */
export interface Deployed {
  readonly type: string;
  readonly name: string;
  inputs: Properties;
  id: string;
  state: Properties;
}

/**
 * What is done to a resource's inputs; `gone` deletes it. `again` makes it anew with other inputs, as an update that
 * needs a replacement does.
 */
export type Change =
  ((inputs: Properties) => Properties) | "gone" | { readonly again: (inputs: Properties) => Properties };

/**
 * The program on a local cloud without an engine: each resource that the program registers is made by the local cloud's
 * provider at once. A stack of three hundred resources stands in seconds, and one of them can be changed or taken away
 * and put back.
 */
export class Deployment implements pulumi.runtime.Mocks {
  readonly resources: Deployed[] = [];
  private failed: Error | undefined;
  private readonly provider: ProviderInstance;
  private settings: Properties = {};

  private constructor(
    readonly local: LocalCloud,
    readonly stack: string,
    private readonly beforehand: (type: string) => Promise<void>,
  ) {
    this.provider = new ProviderInstance(
      local.cloud,
      () => Promise.resolve(local.administrator.principal),
      () => undefined,
    );
  }

  /**
   * Brings a stack up, with some settings changed. @param beforehand is awaited before each resource is made.
   * @throws the first error of a resource, in the provider's words.
   */
  static async up(
    local: LocalCloud,
    stack: string,
    changes: Readonly<Record<string, string>>,
    beforehand: (type: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<Deployment> {
    const deployment = new Deployment(local, stack, beforehand);
    await pulumi.runtime.setMocks(deployment, "peregrine", stack, false);
    await Promise.race([runProgram(stack, changes), deployment.failure()]);
    return deployment;
  }

  /** Rejects when a resource could not be made. */
  private failure(): Promise<never> {
    return new Promise((_resolve, reject) => {
      const timer = setInterval(() => {
        if (this.failed) (clearInterval(timer), reject(this.failed));
      }, 50);
      timer.unref();
    });
  }

  async newResource({
    type,
    name,
    inputs,
    custom,
  }: pulumi.runtime.MockResourceArgs): Promise<{ id: string; state: Properties }> {
    const given = (await sent(inputs)) as Properties;
    if (type === "pulumi:providers:aws") {
      this.settings = Object.fromEntries(
        Object.entries(given).map(([key, value]) => [key, typeof value === "object" ? JSON.stringify(value) : value]),
      );
      await this.provider.configure(this.settings);
      return { id: name, state: given };
    }
    if (custom === false) return { id: "", state: {} };
    const urn = this.urnOf(type, name);
    const checked = this.checked(type, urn, {}, given);
    await this.beforehand(type);
    const { id, properties } = await this.provider.create(type, urn, checked).catch((error: unknown) => {
      // Nobody else would hear of it: the program would wait for ever for what hangs on the resource.
      this.failed ??= error as Error;
      throw error;
    });
    this.resources.push({ type, name, inputs: checked, id, state: properties });
    return { id, state: properties };
  }

  async call({ token, inputs }: pulumi.runtime.MockCallArgs): Promise<Record<string, unknown>> {
    return { ...(await this.provider.invoke(token, (await sent(inputs)) as Properties)) };
  }

  /** The one resource of a type whose name ends so. */
  one(type: string, ending: string): Deployed {
    const found = this.resources.filter((resource) => resource.type === type && resource.name.endsWith(ending));
    if (found.length !== 1)
      throw new Error(
        `expected one ${type} ${ending}, found ${found.map(({ name }) => name).join(", ") || "none"} of ${this.resources
          .filter((one) => one.type === type)
          .map(({ name }) => name)
          .join(", ")}`,
      );
    return found[0]!;
  }

  /** Changes a resource as an update of a changed program would. @returns what puts it back. */
  async change(resource: Deployed, change: Change): Promise<() => Promise<void>> {
    const { type, name, inputs: before } = resource;
    const urn = this.urnOf(type, name);
    if (change === "gone") {
      await this.provider.delete(type, resource.id, resource.state, before);
      return async () => {
        const { id, properties } = await this.provider.create(type, urn, before);
        Object.assign(resource, { id, state: properties });
      };
    }
    if (typeof change !== "function") {
      const again = async (inputs: Properties) => {
        await this.provider.delete(type, resource.id, resource.state, resource.inputs);
        const { id, properties } = await this.provider.create(type, urn, inputs);
        Object.assign(resource, { id, state: properties, inputs });
      };
      await again(change.again(before)).catch(async (error: Error) => {
        await again(before);
        throw error;
      });
      return () => again(before);
    }
    const to = async (inputs: Properties) => {
      resource.state = await this.provider.update(type, resource.id, resource.state, resource.inputs, inputs, []);
      resource.inputs = inputs;
    };
    await to(change(before));
    return () => to(before);
  }

  /** The provider as somebody else uses it. */
  async providerAs(principal: Principal): Promise<ProviderInstance> {
    const provider = new ProviderInstance(
      this.local.cloud,
      () => Promise.resolve(principal),
      () => undefined,
    );
    await provider.configure(this.settings);
    return provider;
  }

  private checked(type: string, urn: string, olds: Properties, news: Properties): Properties {
    const { inputs, failures } = this.provider.check(type, { urn, olds, news, seed: new Uint8Array() });
    if (failures.length > 0)
      throw new Error(`${urn}: ${failures.map(({ property, reason }) => `${property}: ${reason}`).join("; ")}`);
    return inputs;
  }

  urnOf(type: string, name: string): string {
    return `urn:pulumi:${this.stack}::peregrine::${type}::${name}`;
  }
}

const secretMark = "1b47061264138c4ac30d75fd1eb44270";

/** Inputs as the engine sends them to a provider: secrets unwrapped, assets marked. */
async function sent(value: unknown): Promise<Value> {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return Promise.all(value.map(sent));
  if (typeof value !== "object") return value as Value;
  // Assets keep what they are given as promises.
  const { path, text, assets, __pulumiAsset, __pulumiArchive } = value as Readonly<Record<string, unknown>>;
  if (__pulumiAsset)
    return {
      [signature]: assetMark,
      ...(path !== undefined ? { path: String(await path) } : { text: String(await text) }),
    };
  if (__pulumiArchive)
    return {
      [signature]: archiveMark,
      ...(path !== undefined ? { path: String(await path) } : { assets: await sent(await assets) }),
    };
  const held = value as Record<string, unknown>;
  if (held[signature] === secretMark) return sent(held["value"]);
  const entries = Object.entries(held).filter(([, one]) => one !== undefined && one !== null);
  return Object.fromEntries(await Promise.all(entries.map(async ([key, one]) => [key, await sent(one)] as const)));
}
