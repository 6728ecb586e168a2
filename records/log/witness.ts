import { z } from "zod";
import type { ParameterStore } from "../../aws/ssm";
import { JsonParameter } from "../json-parameter";
import type { TreeHead } from "./proofs";
import type { Witness } from "./witnesses";

const noted = z.strictObject({
  size: z.number().int().positive(),
  /** Base64. */
  root: z.base64().length(44),
});

/** A log's newest checkpoint as an SSM parameter holding JSON: `{"size": 12, "root": "..."}`. */
export class LogWitness implements Witness {
  private readonly held: JsonParameter<z.infer<typeof noted>>;

  constructor(parameters: Pick<ParameterStore, "get" | "put">, environment: string, parameter: string) {
    this.held = new JsonParameter(parameters, environment, parameter, noted);
  }

  /** @throws ParameterDamaged. */
  async read(): Promise<TreeHead | undefined> {
    const found = await this.held.read();
    return found && { size: found.size, root: Buffer.from(found.root, "base64") };
  }

  async note({ size, root }: TreeHead): Promise<void> {
    await this.held.write({ size, root: root.toString("base64") });
  }
}
