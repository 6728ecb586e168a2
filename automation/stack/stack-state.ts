import { z } from "zod";
import { UserError } from "../errors";
import { cannotOpen, unknownStack } from "./open-stack";
import { retryPartialRead } from "./partial-read";
import type { PulumiCli } from "./pulumi-cli";

const values = z.record(z.string(), z.unknown()).optional();

const resourceShape = z.object({
  urn: z.string(),
  type: z.string(),
  /** The provider's id; absent for components. */
  id: z.string().optional(),
  /** False for components. */
  custom: z.boolean().optional(),
  /** True for what the program only looks at. */
  external: z.boolean().optional(),
  /** Reference to the provider that keeps it; empty for components. */
  provider: z.string().optional(),
  inputs: values,
  outputs: values,
});

/** What is read of a deployment (Pulumi's `apitype.DeploymentV3`); it has more. A new stack has no resources. */
const stateShape = z
  .object({
    resources: z.array(resourceShape).nullish(),
    pending_operations: z
      .array(
        z.object({
          /** `creating`, `updating`, `deleting` or `reading`. */
          type: z.string(),
          resource: resourceShape,
        }),
      )
      .nullish(),
  })
  .nullish()
  .transform((state) => ({ resources: state?.resources ?? [], pending: state?.pending_operations ?? [] }));

/** A resource as the state holds it. */
export type StateResource = Readonly<z.infer<typeof resourceShape>>;

/** An operation that the engine began and never saw the end of, because it was killed. */
export interface PendingOperation {
  readonly type: string;
  readonly resource: StateResource;
}

/** What a stack's last operation left. */
export interface State {
  readonly resources: readonly StateResource[];
  readonly pending: readonly PendingOperation[];
}

/**
 * A stack's state, read once and kept until somebody says that it is another one by now: each reading costs a run of
 * the CLI. Whoever changes the stack invalidates it, and so does a use case when it begins, since another process may
 * have changed the stack meanwhile.
 */
export class StackState {
  private known: Promise<State> | undefined;

  constructor(private readonly cli: Pick<PulumiCli, "stack" | "answer">) {}

  /**
   * The state as it was when it was first asked for; empty for a stack that the backend does not know.
   * @throws UserError when the backend cannot be reached, or has no state.
   */
  read(): Promise<State> {
    this.known ??= this.export();
    this.known.catch(() => this.invalidate());
    return this.known;
  }

  /** Begins to read: who asks for the state next waits less. */
  prefetch(): void {
    void this.read().catch(() => undefined);
  }

  invalidate(): void {
    this.known = undefined;
  }

  private async export(): Promise<State> {
    const { stack } = this.cli;
    try {
      return parseState(stack, deploymentIn(await retryPartialRead(() => this.cli.answer(["stack", "export"]))));
    } catch (error) {
      if (error instanceof UserError) throw error;
      if (unknownStack.test((error as Error).message)) return parseState(stack, undefined);
      throw cannotOpen(stack, error);
    }
  }
}

/** The deployment in what `pulumi stack export` prints; nothing that can be read otherwise. */
function deploymentIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { deployment?: unknown } | null)?.deployment;
  } catch {
    return text;
  }
}

/** @throws UserError naming what does not belong into a state. */
export function parseState(stack: string, deployment: unknown): State {
  const parsed = stateShape.safeParse(deployment);
  if (parsed.success) return parsed.data;
  throw new UserError(
    `The state of ${stack} cannot be read: ${z.prettifyError(parsed.error)}`,
    "Put an earlier version of it back: docs/runbooks/stuck-release.md.",
  );
}
