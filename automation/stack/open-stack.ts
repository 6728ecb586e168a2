import type { PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import { UserError } from "../errors";
import { retryPartialRead } from "./partial-read";

/** The CLI, asked for its version once for all stacks. */
let pulumiCommand: Promise<PulumiCommand> | undefined;

/**
 * Opens a stack, creating it in the backend when it is new.
 * @param workDir folder of the working copies (`prepareStackFiles`).
 * @throws UserError when the backend cannot be reached.
 */
export async function openStack(name: string, workDir: string): Promise<Stack> {
  // Imported here: half a second that commands without the engine need not wait for.
  const { LocalWorkspace, PulumiCommand } = await import("@pulumi/pulumi/automation");
  try {
    pulumiCommand ??= PulumiCommand.get();
    const options = { envVars: { PULUMI_SKIP_UPDATE_CHECK: "true" }, pulumiCommand: await pulumiCommand };
    const stack = await retryPartialRead(() =>
      LocalWorkspace.createOrSelectStack({ stackName: name, workDir }, options),
    );
    // After every update the Automation API runs the CLI three times more, for outputs and a summary that nobody reads
    // here.
    return Object.assign(stack, { outputs: async () => ({}), info: async () => undefined });
  } catch (error) {
    throw cannotOpen(name, error);
  }
}

/** What the CLI says when it cannot open a stack: no login, a wrong passphrase, a backend that does not answer. */
function cannotOpen(name: string, error: unknown): UserError {
  const text = error instanceof Error ? error.message : String(error);
  const reason = /^error: (.*)$/m.exec(text)?.[1] ?? text.trim();
  return new UserError(
    `Pulumi cannot open the stack ${name}: ${reason}`,
    "Say where its state is: pulumi login, or the variables PULUMI_BACKEND_URL and PULUMI_CONFIG_PASSPHRASE.",
    { cause: error },
  );
}
