import { z } from "zod";
import type { ParameterStore } from "../aws/ssm";
import type { Head } from "./chain";

const headShape = z.object({ sequence: z.number().int().positive(), hash: z.string().regex(/^[0-9a-f]{64}$/) });

/** Where a ledger's head is noted: in another service than the ledger itself, so that who can cut the one cannot cut the other. */
export interface HeadNotes {
  /** Undefined when none was noted yet. */
  read(): Promise<Head | undefined>;
  note(head: Head): Promise<void>;
}

/** The note is no head: nobody knows how long the ledger should be. */
export class HeadDamaged extends Error {
  constructor(parameter: string, why: string) {
    super(`the note of the ledger's head, SSM parameter ${parameter}, is damaged: ${why}`);
    this.name = "HeadDamaged";
  }
}

/** The head of an environment's ledger as an SSM parameter holding JSON: `{"sequence": 12, "hash": "..."}`. */
export class LedgerHead implements HeadNotes {
  constructor(
    private readonly parameters: Pick<ParameterStore, "get" | "put">,
    private readonly environment: string,
    private readonly parameter: string,
  ) {}

  /** @throws HeadDamaged. */
  async read(): Promise<Head | undefined> {
    const text = await this.parameters.get(this.parameter);
    if (text === undefined) return undefined;
    try {
      return headShape.parse(JSON.parse(text));
    } catch (error) {
      throw new HeadDamaged(
        this.parameter,
        error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message,
      );
    }
  }

  async note({ sequence, hash }: Head): Promise<void> {
    await this.parameters.put(this.parameter, JSON.stringify({ sequence, hash }), {
      project: "peregrine",
      environment: this.environment,
    });
  }
}
