import { type PolicyResource, type ResourceValidationArgs, unknownCheckingProxy, UnknownValueError } from "@pulumi/policy";
import type { Rule } from "../../policies/rule";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What a rule said about one resource. */
export interface Outcome {
  readonly violations: readonly string[];
  /** Set when the rule has nothing to say about the type. */
  readonly notApplicable: boolean;
  /** Path of the unknown input that stopped the rule; the engine then reports that the rule could not be run. */
  readonly stoppedBy?: string;
}

class NotApplicable extends Error {}

/** Stands for a text that a preview does not know yet, as the engine sends it. */
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A rule's configuration in an environment: the schema's defaults, then `policies/config/<environment>.json`. */
export function ruleConfig(rule: Rule, environment: string): Record<string, unknown> {
  const file = JSON.parse(readFileSync(join(__dirname, "../../policies/config", `${environment}.json`), "utf8")) as Record<string, Record<string, unknown>>;
  const defaults = Object.entries(rule.configSchema?.properties ?? {}).flatMap(([name, { default: value }]) => (value === undefined ? [] : [[name, value] as const]));
  return { ...Object.fromEntries(defaults), ...file[rule.name] };
}

/** Runs a rule on one resource as the engine does, unknown inputs included. */
export function judge(rule: Rule, type: string, props: Record<string, unknown>, options: { environment?: string; providerProps?: Record<string, unknown> } = {}): Outcome {
  const violations: string[] = [];
  const args = {
    type,
    name: "resource",
    urn: `urn:pulumi:dev::peregrine::${type}::resource`,
    props: unknownCheckingProxy(props),
    provider: options.providerProps && { type: "pulumi:providers:aws", name: "aws", urn: "", props: options.providerProps },
    getConfig: () => ruleConfig(rule, options.environment ?? "dev"),
    notApplicable: () => {
      throw new NotApplicable();
    },
  } as unknown as ResourceValidationArgs;
  try {
    for (const validate of [rule.validateResource!].flat()) void validate(args, (message) => void violations.push(message));
  } catch (error) {
    if (error instanceof NotApplicable) return { violations, notApplicable: true };
    if (error instanceof UnknownValueError) return { violations, notApplicable: false, stoppedBy: (error as Error).message };
    throw error;
  }
  return { violations, notApplicable: false };
}

/** Runs the part of a rule that sees the whole stack. */
export function judgeStack(rule: Rule, resources: readonly Partial<PolicyResource>[]): string[] {
  const violations: string[] = [];
  const complete = resources.map((resource, index) => ({ urn: `urn-${index}`, props: {}, propertyDependencies: {}, ...resource }));
  void rule.validateStack!({ resources: complete as PolicyResource[], getConfig: () => ruleConfig(rule, "dev") } as never, (message, urn) => void violations.push(`${urn}: ${message}`));
  return violations;
}
