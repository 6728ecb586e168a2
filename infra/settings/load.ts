import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "./problems";
import { type Settings, validate } from "./settings";

/** Settings that cannot work: all of them at once. Printed by the engine without a stack. */
export class InvalidSettings extends pulumi.RunError {
  constructor(
    readonly stackName: string,
    readonly problems: readonly Problem[],
  ) {
    const lines = problems.map(({ propertyPath, reason }) => `  - ${propertyPath}: ${reason}`);
    super(
      `${problems.length} problem${problems.length === 1 ? "" : "s"} in the settings of stack ${stackName}:\n${lines.join("\n")}\n` +
        `Correct them in Pulumi.${stackName}.yaml or by: pulumi config set KEY VALUE --stack ${stackName}`,
    );
  }
}

/**
 * The stack's settings. The only place that reads Pulumi's configuration.
 * @throws InvalidSettings with every problem found.
 */
export function loadSettings(): Settings {
  const stack = pulumi.getStack();
  const { settings, problems } = validate(stack, pulumi.runtime.allConfig());
  if (!settings) throw new InvalidSettings(stack, problems);
  return settings;
}
