import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Scope } from "./scope";

/** What the environment shall serve; written by automation alone, read by the program. */
export interface DesiredRelease {
  readonly modelPackageArn: string;
  /** The model archive in the environment's own artifacts bucket. */
  readonly modelDataUrl: string;
  /** SHA-256 of the archive, hexadecimal. */
  readonly modelSha256: string;
  readonly imageUri: string;
}

/**
 * The desired release, or undefined when nothing was released yet. Asked for by path, because an absent parameter is then an
 * empty list and not an error.
 */
export async function desiredRelease(scope: Scope, options: pulumi.InvokeOptions): Promise<DesiredRelease | undefined> {
  const { names, values } = await aws.ssm.getParametersByPath({ path: scope.parameterPath, withDecryption: false }, options);
  const index = names.indexOf(scope.releaseParameter);
  return index < 0 ? undefined : parseRelease(scope.releaseParameter, values[index]!);
}

/** @throws RunError naming the parameter and every member that is wrong. */
export function parseRelease(parameter: string, text: string): DesiredRelease {
  let members: Record<string, unknown>;
  try {
    members = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new pulumi.RunError(`The desired release in ${parameter} is not JSON: ${(error as Error).message}. Promote a model package again: peregrine promote`);
  }
  const shape: Record<keyof DesiredRelease, RegExp> = {
    modelPackageArn: /^arn:[^:]+:sagemaker:[^:]+:\d{12}:model-package\/.+/,
    modelDataUrl: /^s3:\/\/[^/]+\/.+\.tar\.gz$/,
    modelSha256: /^[0-9a-f]{64}$/,
    imageUri: /^\d{12}\.dkr\.ecr\.[^/]+\/[^:@]+[:@].+$/,
  };
  const problems = Object.entries(shape).filter(([name, pattern]) => !pattern.test(String(members?.[name] ?? "")));
  if (problems.length > 0) {
    const lines = problems.map(([name]) => `  - ${name}: ${JSON.stringify(members?.[name]) ?? "missing"}`);
    throw new pulumi.RunError(`The desired release in ${parameter} is damaged:\n${lines.join("\n")}\nPromote a model package again: peregrine promote`);
  }
  return members as unknown as DesiredRelease;
}
