import * as pulumi from "@pulumi/pulumi";
import { stackConfig } from "../../automation/stack/stack-config";

export { stackConfig };

/** Runs the program of one stack on mocks, until everything is registered. @returns the stack's outputs. */
export async function runProgram(
  stack: string,
  changes: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  pulumi.runtime.setAllConfig({ ...stackConfig(stack), ...changes });
  const program = require("../../infra/index") as () => Promise<Record<string, unknown>>;
  const outputs = await program();
  await pulumi.runtime.disconnect();
  return outputs;
}
