import { z } from "zod";
import { JsonParameter, ParameterDamaged } from "./json-parameter";
import type { ParameterStore } from "../aws/ssm";
import type { Head } from "./chain";

const headShape = z.object({ sequence: z.number().int().positive(), hash: z.string().regex(/^[0-9a-f]{64}$/) });

/**
 * Where a ledger's head is noted: in another service than the ledger itself, so that who can cut the one cannot cut the
 * other.
 */
export interface HeadNotes {
  /** Undefined when none was noted yet. */
  read(): Promise<Head | undefined>;
  note(head: Head): Promise<void>;
}

/** The note is no head: nobody knows how long the ledger should be. */
export class HeadDamaged extends Error {
  constructor({ parameter, why }: ParameterDamaged) {
    super(`the note of the ledger's head, SSM parameter ${parameter}, is damaged: ${why}`);
    this.name = "HeadDamaged";
  }
}

/** The head of an environment's ledger as an SSM parameter holding JSON: `{"sequence": 12, "hash": "..."}`. */
export class LedgerHead implements HeadNotes {
  private readonly held: JsonParameter<Head>;

  constructor(parameters: Pick<ParameterStore, "get" | "put">, environment: string, parameter: string) {
    this.held = new JsonParameter(parameters, environment, parameter, headShape);
  }

  /** @throws HeadDamaged. */
  async read(): Promise<Head | undefined> {
    try {
      return await this.held.read();
    } catch (error) {
      throw error instanceof ParameterDamaged ? new HeadDamaged(error) : error;
    }
  }

  async note({ sequence, hash }: Head): Promise<void> {
    await this.held.write({ sequence, hash });
  }
}
