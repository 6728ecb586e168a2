import type { PolicyComplianceFramework, PolicyConfigSchema, PolicyResource, ResourceValidationArgs, ResourceValidationPolicy, Severity, StackValidationPolicy } from "@pulumi/policy";

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
  readonly configSchema?: PolicyConfigSchema;
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
      for (const violation of rule.check(args, args.getConfig<Config>())) reportViolation(`${violation} ${remediationSteps}`);
    },
    ...(checkStack
      ? {
          validateStack: (args, reportViolation) => {
            for (const { message, urn } of checkStack(args.resources, args.getConfig<Config>())) reportViolation(`${message} ${remediationSteps}`, urn);
          },
        }
      : {}),
  };
}

/** Catalogue of demands that our rules come from. */
export const wellArchitected = (reference: string, specification: string): PolicyComplianceFramework => ({ name: "AWS Well-Architected Machine Learning Lens", version: "2025", reference, specification });
