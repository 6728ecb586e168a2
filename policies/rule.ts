import type {
  PolicyComplianceFramework,
  PolicyConfigSchema,
  PolicyResource,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  Severity,
  StackValidationPolicy,
} from "@pulumi/policy";
import { fromStack, levelOf, referenceIn, settingsOf, writtenSettingsOf } from "./config";

/** A resource as rules see it: its type and its inputs. Unknown inputs throw when they are touched during a preview. */
export type Subject = Pick<ResourceValidationArgs, "type" | "props" | "name" | "urn" | "provider" | "opts">;

/** A violation that only the whole stack shows, with the resource it belongs to. */
export interface StackViolation {
  readonly message: string;
  readonly urn?: string;
}

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
  /**
   * What may be configured. Without `default`s: those would hide what `config/<stack>.json` says, so they are
   * `defaults` here.
   */
  readonly configSchema?: PolicyConfigSchema;
  /** What holds where nothing is configured. */
  readonly defaults?: Partial<Config>;
  /** Settings without which the rule cannot judge: a stack that has none of them violates it. */
  readonly needs?: readonly (keyof Config & string)[];
  /** Whether the rule has anything to say about resources of a type, for example `aws:s3/bucket:Bucket`. */
  appliesTo(type: string): boolean;
  /**
   * Violations, one sentence each. A rule yields what it can say about known inputs before it touches inputs that may
   * be unknown: what was yielded counts even when an unknown then stops it, and the engine tells that it was stopped.
   */
  check(resource: Subject, config: Config): Iterable<string>;
  /** Violations that only the whole stack shows; outputs that a preview does not know throw as well. */
  checkStack?(resources: readonly PolicyResource[], config: Config): Iterable<StackViolation>;
  /** Corrects the inputs in place where the level is `remediate`. @returns what was corrected, as a sentence. */
  correct?(resource: Subject, config: Config): string | undefined;
}

export type Rule = ResourceValidationPolicy &
  Partial<StackValidationPolicy> & {
    readonly defaults?: object;
    /** Corrects the inputs in place. @returns what was corrected; undefined when nothing was. */
    readonly correction?: (args: ResourceValidationArgs) => string | undefined;
  };

/** Makes a rule that Pulumi can run. */
export function defineRule<Config extends object = Record<string, never>>(rule: RuleDescription<Config>): Rule {
  const { name, severity, framework, remediationSteps, url, configSchema, defaults, checkStack, correct } = rule;
  const correction =
    correct &&
    ((args: ResourceValidationArgs) =>
      rule.appliesTo(args.type) ? correct(args, completed(rule, args.urn, args.getConfig<Config>())) : undefined);
  return {
    name,
    description: `${rule.description} ${rule.rationale}`,
    displayName: rule.description,
    severity,
    framework,
    remediationSteps,
    url,
    configSchema,
    defaults,
    validateResource: (args, reportViolation) => {
      if (!rule.appliesTo(args.type)) args.notApplicable(`says nothing about ${args.type}`);
      if (isOff(rule, args.urn, args.getConfig<Config>()))
        return args.notApplicable(`is disabled for ${stackOf(args.urn)}`);
      const config = completed(rule, args.urn, args.getConfig<Config>());
      const missing = (rule.needs ?? []).filter((setting) => config[setting] === undefined);
      if (missing.length > 0) reportViolation(unconfigured(name, missing, stackOf(args.urn)));
      else for (const violation of rule.check(args, config)) reportViolation(`${violation} ${remediationSteps}`);
    },
    ...(correction ? { correction, remediateResource: (args) => (correction(args) ? args.props : undefined) } : {}),
    ...(checkStack
      ? {
          validateStack: (args, reportViolation) => {
            const urn = args.resources[0]?.urn ?? "";
            if (isOff(rule, urn, args.getConfig<Config>())) return;
            for (const { message, urn: about } of checkStack(
              args.resources,
              completed(rule, urn, args.getConfig<Config>()),
            ))
              reportViolation(`${message} ${remediationSteps}`, about);
          },
        }
      : {}),
  };
}

type Check<Config> = (props: Subject["props"], config: Config, resource: Subject) => Iterable<string>;

/** A rule that looks at some types, at each in its own way. */
export function byType<Config extends object>(
  checks: Readonly<Record<string, Check<Config>>>,
): Pick<RuleDescription<Config>, "appliesTo" | "check"> {
  return {
    appliesTo: (type) => type in checks,
    check: (resource, config) => checks[resource.type]!(resource.props, config, resource),
  };
}

/** A rule that judges stacks and has nothing to say about one resource. */
export const stackOnly: Pick<RuleDescription<object>, "appliesTo" | "check"> = {
  appliesTo: () => false,
  check: () => [],
};

function unconfigured(rule: string, missing: readonly string[], stack: string): string {
  const written = writtenSettingsOf(stack, rule);
  const unset = missing.flatMap((setting) => referenceIn(written[setting]) ?? []);
  return unset.length > 0
    ? `Stack ${stack} does not say what ${rule} is about: set ${unset.join(" and ")} in Pulumi.${stack}.yaml.`
    : `The policy pack says nothing for stack ${stack}: add ${missing.join(" and ")} of ${rule} to policies/config/${stack}.json, or to the file of --policy-pack-config.`;
}

/** The rule's defaults, over them the stack's own file in `config/`, over that what the engine was given. */
function completed<Config extends object>(rule: RuleDescription<Config>, urn: string, given: Config): Config {
  const stack = stackOf(urn);
  return { ...rule.defaults, ...settingsOf(stack, rule.name), ...fromStack(stack, given) } as Config;
}

/**
 * `pulumi policy analyze` tells a pack no stack at its start, so a rule that the stack's file disables has to see that
 * for itself.
 */
function isOff(rule: { readonly name: string }, urn: string, given: object): boolean {
  return Object.keys(given).length === 0 && levelOf(stackOf(urn), rule.name) === "disabled";
}

/** `urn:pulumi:<stack>::<project>::<type>::<name>` */
export function stackOf(urn: string): string {
  return urn.split("::")[0]?.split(":")[2] ?? "";
}

/** The project of a URN. */
export function projectOf(urn: string): string {
  return urn.split("::")[1] ?? "";
}
