import type { PolicyComplianceFramework, PolicyConfigSchema, PolicyResource, ResourceValidationArgs, ResourceValidationPolicy, Severity, StackValidationPolicy } from "@pulumi/policy";
import { configOf } from "./config";

/** A resource as rules see it: its type and its inputs. Unknown inputs throw when they are touched during a preview. */
export type Subject = Pick<ResourceValidationArgs, "type" | "props" | "name" | "urn" | "provider">;

/** What every rule must say about itself; shown in reports and in the policy catalogue. */
export interface RuleDescription<Config extends object> {
  /** The file's name. */
  readonly name: string;
  /** What is demanded, in one sentence. */
  readonly description: string;
  /** Why it is demanded. */
  readonly rationale: string;
  readonly severity: Severity;
  readonly framework: PolicyComplianceFramework;
  /** What to do about a violation. */
  readonly remediationSteps: string;
  /** Where the demand is explained. */
  readonly url: string;
  /** What may be configured; a `default` here hides what `config/<stack>.json` says, so it holds for all stacks. */
  readonly configSchema?: PolicyConfigSchema;
  /** Settings without which the rule cannot judge: a stack that has none of them violates it. */
  readonly needs?: readonly (keyof Config & string)[];
  /** Whether the rule has anything to say about resources of a type, for example `aws:s3/bucket:Bucket`. */
  appliesTo(type: string): boolean;
  /**
   * Violations, one sentence each. A rule yields what it can say about known inputs before it touches inputs that may be
   * unknown: what was yielded counts even when an unknown then stops it, and the engine tells that it was stopped.
   */
  check(resource: Subject, config: Config): Iterable<string>;
  /** Violations that only the whole stack shows, with the resource they belong to. */
  checkStack?(resources: readonly PolicyResource[], config: Config): Iterable<{ readonly message: string; readonly urn: string }>;
}

export type Rule = ResourceValidationPolicy & Partial<StackValidationPolicy>;

/** Makes a rule that Pulumi can run. */
export function defineRule<Config extends object = Record<string, never>>(rule: RuleDescription<Config>): Rule {
  const { name, severity, framework, remediationSteps, url, configSchema, checkStack } = rule;
  return {
    name,
    description: `${rule.description} ${rule.rationale}`,
    displayName: rule.description,
    severity,
    framework,
    remediationSteps,
    url,
    configSchema,
    validateResource: (args, reportViolation) => {
      if (!rule.appliesTo(args.type)) args.notApplicable(`says nothing about ${args.type}`);
      const config = completed(rule, args.urn, args.getConfig<Config>());
      const missing = (rule.needs ?? []).filter((setting) => config[setting] === undefined);
      if (missing.length > 0) reportViolation(`The policy pack says nothing for stack ${stackOf(args.urn)}: add ${missing.join(" and ")} of ${name} to policies/config/${stackOf(args.urn)}.json.`);
      else for (const violation of rule.check(args, config)) reportViolation(`${violation} ${remediationSteps}`);
    },
    ...(checkStack
      ? {
          validateStack: (args, reportViolation) => {
            for (const { message, urn } of checkStack(args.resources, completed(rule, args.resources[0]?.urn ?? "", args.getConfig<Config>()))) reportViolation(`${message} ${remediationSteps}`, urn);
          },
        }
      : {}),
  };
}

/** The stack's own file in `config/`, under what the engine was given; the engine tells a pack its stack only by the resources. */
function completed<Config extends object>(rule: RuleDescription<Config>, urn: string, given: Config): Config {
  return { ...(configOf(stackOf(urn))?.[rule.name] as Partial<Config> | undefined), ...given };
}

/** `urn:pulumi:<stack>::<project>::<type>::<name>` */
function stackOf(urn: string): string {
  return urn.split("::")[0]?.split(":")[2] ?? "";
}

/** Catalogue of demands that our rules come from. */
export const wellArchitected = (reference: string, specification: string): PolicyComplianceFramework => ({ name: "AWS Well-Architected Machine Learning Lens", version: "2025", reference, specification });
