import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import instanceTypes from "../contract/hosts/instance-types.json";
import type { Scope } from "./scope";

/** A model as an endpoint serves it. */
export interface ReleasedModel {
  readonly modelPackageArn: string;
  /** The model archive in the environment's own artifacts bucket. */
  readonly modelDataUrl: string;
  /** SHA-256 of the archive, hexadecimal. */
  readonly modelSha256: string;
  readonly imageUri: string;
  /** Instances that the new fleet starts with: as many as the fleet it replaces had, so that a release under load does not shrink the endpoint. */
  readonly instances?: number;
  /** Instance type of its fleet; the setting's where a release names none. So a changed setting reaches an endpoint with the next release, and going back goes back to the type as well. */
  readonly instanceType?: string;
}

/** What the environment shall serve; written by automation alone, read by the program. */
export interface DesiredRelease extends ReleasedModel {
  /** Earlier releases whose model and configuration stay in the stack, ready to be served again. */
  readonly kept: readonly ReleasedModel[];
}

/** Parameter Store's standard tier holds 4 KB; a release is half a kilobyte of it. */
const maxKept = 5;

/**
 * The desired release, or undefined when nothing was released yet. Asked for by path, because an absent parameter is then an
 * empty list and not an error.
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
  let members: Record<string, unknown>;
  try {
    members = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new pulumi.RunError(
      `The desired release in ${parameter} is not JSON: ${(error as Error).message}. Promote a model package again: npx peregrine promote`,
    );
  }
  const { kept = [], ...desired } = members ?? {};
  if (!Array.isArray(kept) || kept.length > maxKept) throw damaged(parameter, [`  - kept: ${JSON.stringify(kept)}`]);
  const problems = [desired, ...(kept as Record<string, unknown>[])].flatMap((model, index) =>
    problemsOf(model, index === 0 ? "" : `kept[${index - 1}].`),
  );
  if (problems.length > 0) throw damaged(parameter, problems);
  return { ...desired, kept } as unknown as DesiredRelease;
}

function problemsOf(members: Record<string, unknown> | null, prefix: string): string[] {
  const shape: Record<Exclude<keyof ReleasedModel, "instances" | "instanceType">, RegExp> = {
    modelPackageArn: /^arn:[^:]+:sagemaker:[^:]+:\d{12}:model-package\/.+/,
    modelDataUrl: /^s3:\/\/[^/]+\/.+\.tar\.gz$/,
    modelSha256: /^[0-9a-f]{64}$/,
    imageUri: /^\d{12}\.dkr\.ecr\.[^/]+\/[^:@]+[:@].+$/,
  };
  const problems = Object.entries(shape)
    .filter(([name, pattern]) => !pattern.test(String(members?.[name] ?? "")))
    .map(([name]) => name);
  const instances = members?.["instances"];
  if (instances !== undefined && !(Number.isInteger(instances) && Number(instances) >= 1)) problems.push("instances");
  const instanceType = members?.["instanceType"];
  if (instanceType !== undefined && !instanceTypes.hosting.includes(String(instanceType)))
    problems.push("instanceType");
  return problems.map((name) => `  - ${prefix}${name}: ${JSON.stringify(members?.[name]) ?? "missing"}`);
}

function damaged(parameter: string, lines: readonly string[]): pulumi.RunError {
  return new pulumi.RunError(
    `The desired release in ${parameter} is damaged:\n${lines.join("\n")}\nPromote a model package again: npx peregrine promote`,
  );
}
