import type { PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import { UserError } from "../errors";
import { retryPartialRead } from "./partial-read";
import { cliVariables } from "./pulumi-cli";

/** The CLI, asked for its version once for all stacks. */
let found: Promise<PulumiCommand> | undefined;

/** What the CLI says of a stack that nobody has made yet. */
export const unknownStack = /no stack named .* found/;

/** The CLI as the Automation API has it. @throws Error when there is none, or one that is too old. */
async function pulumiCommand(): Promise<PulumiCommand> {
  // Imported here, as below: a fifth of a second that commands without the engine need not wait for.
  const { PulumiCommand } = await import("@pulumi/pulumi/automation");
  found ??= PulumiCommand.get();
  return found;
}

/** Version of the Pulumi CLI; undefined when it does not tell. */
export async function pulumiVersion(): Promise<string | undefined> {
  return (await pulumiCommand()).version?.version;
}

/**
 * Opens a stack for the engine's operations, creating it in the backend when it is new.
 * @param workDir folder of the working copies (`prepareStackFiles`).
 * @throws UserError when the backend cannot be reached.
 */
export async function openStack(name: string, workDir: string): Promise<Stack> {
  const { LocalWorkspace } = await import("@pulumi/pulumi/automation");
  try {
    const options = { envVars: cliVariables, pulumiCommand: await pulumiCommand() };
    return await retryPartialRead(() => LocalWorkspace.createOrSelectStack({ stackName: name, workDir }, options));
  } catch (error) {
    throw cannotOpen(name, error);
  }
}

/** What the CLI says when it cannot open a stack: no login, a wrong passphrase, a backend that does not answer. */
export function cannotOpen(name: string, error: unknown): UserError {
  const text = error instanceof Error ? error.message : String(error);
  const reason = /^error: (.*)$/m.exec(text)?.[1] ?? text.trim();
  return new UserError(
    `Pulumi cannot open the stack ${name}: ${reason}`,
    "Say where its state is: pulumi login, or the variables PULUMI_BACKEND_URL and PULUMI_CONFIG_PASSPHRASE.",
    { cause: error },
  );
}
