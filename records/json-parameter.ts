import type { z } from "zod";
import type { ParameterStore } from "../aws/ssm";
import { readJson } from "../contract/json";
import { environmentTags } from "../contract/names";

/** An SSM parameter does not hold what its readers and its writers agreed on. */
export class ParameterDamaged extends Error {
  constructor(
    readonly parameter: string,
    /** What is wrong with it, in one line. */
    readonly why: string,
  ) {
    super(`SSM parameter ${parameter} is damaged: ${why}`);
    this.name = "ParameterDamaged";
  }
}

/** An SSM parameter that holds JSON. */
export class JsonParameter<T> {
  constructor(
    private readonly parameters: Pick<ParameterStore, "get" | "put">,
    /** Whose it is, by its tags; undefined for one that is read by one environment and written by another. */
    private readonly environment: string | undefined,
    readonly name: string,
    private readonly schema: z.ZodType<T>,
  ) {}

  /** Undefined when nothing was written yet. @throws ParameterDamaged naming everything that is wrong. */
  async read(): Promise<T | undefined> {
    const text = await this.parameters.get(this.name);
    if (text === undefined) return undefined;
    const read = readJson(text, this.schema);
    switch (read.kind) {
      case "value":
        return read.value;
      case "not-json":
        throw new ParameterDamaged(this.name, `it is not JSON: ${read.why}`);
      case "damaged":
        throw new ParameterDamaged(this.name, read.problems.join("; "));
    }
  }

  async write(value: T): Promise<void> {
    await this.parameters.put(
      this.name,
      JSON.stringify(value),
      this.environment ? environmentTags(this.environment) : {},
    );
  }
}
