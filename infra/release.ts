import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type DesiredRelease, desiredRelease as schema } from "../contract/desired-release";
import { readJson } from "../contract/json";
import type { Scope } from "./scope";

/**
 * The desired release, or undefined when nothing was released yet. Asked for by path, because an absent parameter is
 * then an empty list and not an error.
 */
export async function desiredRelease(scope: Scope, options: pulumi.InvokeOptions): Promise<DesiredRelease | undefined> {
  const { names, values } = await aws.ssm.getParametersByPath(
    { path: scope.parameterPath, withDecryption: false },
    options,
  );
  const index = names.indexOf(scope.releaseParameter);
  return index < 0 ? undefined : parseRelease(scope.releaseParameter, values[index]!);
}

/** @throws RunError naming the parameter and every member that is wrong. */
export function parseRelease(parameter: string, text: string): DesiredRelease {
  const again = "Promote a model package again: npx peregrine promote";
  const read = readJson(text, schema);
  switch (read.kind) {
    case "value":
      return read.value;
    case "not-json":
      throw new pulumi.RunError(`The desired release in ${parameter} is not JSON: ${read.why}. ${again}`);
    case "damaged": {
      const lines = read.problems.map((problem) => `  - ${problem}`);
      throw new pulumi.RunError(`The desired release in ${parameter} is damaged:\n${lines.join("\n")}\n${again}`);
    }
  }
}
