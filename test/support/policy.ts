import assert from "node:assert/strict";
import {
  type PolicyResource,
  type ResourceValidationArgs,
  unknownCheckingProxy,
  UnknownValueError,
} from "@pulumi/policy";
import { settingsOf } from "../../policies/config";
import type { Rule } from "../../policies/rule";

/** What a rule said about one resource. */
export interface Outcome {
  readonly violations: readonly string[];
  /** Set when the rule has nothing to say about the type. */
  readonly notApplicable: boolean;
  /** Path of the unknown input that stopped the rule; the engine then reports that the rule could not be run. */
  readonly stoppedBy?: string;
}

export interface Surroundings {
  /** Whose settings hold; dev when left out. */
  readonly environment?: string;
  /** Settings over those of the environment. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Logical name of the resource. */
  readonly name?: string;
  readonly providerProps?: Readonly<Record<string, unknown>>;
  readonly opts?: Readonly<Record<string, unknown>>;
}

class NotApplicable extends Error {}

/** Stands for a text that a preview does not know yet, as the engine sends it. */
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A rule's configuration in an environment: its defaults, then `policies/config/<environment>.json`. */
export function ruleConfig(rule: Rule, environment: string): Record<string, unknown> {
  return { ...rule.defaults, ...settingsOf(environment, rule.name) };
}

function argumentsFor(
  rule: Rule,
  type: string,
  props: Record<string, unknown>,
  { environment = "dev", config, name = "resource", providerProps, opts = {} }: Surroundings,
): ResourceValidationArgs {
  return {
    type,
    name,
    urn: `urn:pulumi:${environment}::peregrine::${type}::${name}`,
    props: unknownCheckingProxy(props),
    opts: { protect: false, ignoreChanges: [], aliases: [], ...opts },
    provider: providerProps && { type: "pulumi:providers:aws", name: "aws", urn: "", props: providerProps },
    // Never empty, since an empty configuration means that the engine was given none.
    getConfig: () => ({ ...ruleConfig(rule, environment), ...config, given: true }),
    notApplicable: () => {
      throw new NotApplicable();
    },
  } as unknown as ResourceValidationArgs;
}

/** Runs a rule on one resource as the engine does, unknown inputs included. */
export function judge(
  rule: Rule,
  type: string,
  props: Record<string, unknown>,
  surroundings: Surroundings = {},
): Outcome {
  const violations: string[] = [];
  const args = argumentsFor(rule, type, props, surroundings);
  try {
    for (const validate of [rule.validateResource!].flat())
      void validate(args, (message) => void violations.push(String(message)));
  } catch (error) {
    if (error instanceof NotApplicable) return { violations, notApplicable: true };
    if (error instanceof UnknownValueError)
      return { violations, notApplicable: false, stoppedBy: (error as Error).message };
    throw error;
  }
  return { violations, notApplicable: false };
}

/**
 * Corrects a resource as the engine does where the level is `remediate`.
 * @returns the sentence of the correction; the inputs are changed in place.
 */
export function correct(
  rule: Rule,
  type: string,
  props: Record<string, unknown>,
  surroundings: Surroundings = {},
): string | undefined {
  return rule.correction!(argumentsFor(rule, type, props, surroundings));
}

/** A resource of a stack as stack rules see it; `from` says which inputs come from which resources. */
export type Part = Partial<Omit<PolicyResource, "propertyDependencies">> & {
  readonly from?: Readonly<Record<string, readonly Part[]>>;
};

/** Runs the part of a rule that sees the whole stack. @throws UnknownValueError as an engine would get it. */
export function judgeStack(
  rule: Rule,
  parts: readonly Part[],
  { environment = "dev", config }: Surroundings = {},
): string[] {
  const violations: string[] = [];
  const urnOf = (part: Part): string =>
    part.urn ?? `urn:pulumi:${environment}::peregrine::${part.type}::${part.name ?? `part${parts.indexOf(part)}`}`;
  const resources = parts.map((part) => ({
    name: part.name ?? `part${parts.indexOf(part)}`,
    type: part.type,
    urn: urnOf(part),
    props: unknownCheckingProxy(part.props ?? {}),
    opts: part.opts ?? {},
    propertyDependencies: Object.fromEntries(
      Object.entries(part.from ?? {}).map(([member, sources]) => [
        member,
        sources.map((source) => ({ urn: urnOf(source) })),
      ]),
    ),
  }));
  const args = { resources, getConfig: () => ({ ...ruleConfig(rule, environment), ...config, given: true }) };
  void rule.validateStack!(
    args as never,
    (message, urn) => void violations.push(`${urn?.split("::").at(-1) ?? "stack"}: ${String(message)}`),
  );
  return violations;
}

/** A resource to be judged: its type, its inputs, a pattern of the first violation, and where it is. */
export type Example = readonly [
  type: string,
  props: Record<string, unknown>,
  expected?: RegExp,
  surroundings?: Surroundings,
];

export interface Examples {
  /** Violations, planted one by one. */
  readonly refuses: Readonly<Record<string, Example>>;
  readonly accepts: Readonly<Record<string, Example>>;
  /** Types that the rule says nothing about. */
  readonly ignores: readonly string[];
  /** Inputs that a preview does not know, and which stop the rule. */
  readonly stoppedBy?: Readonly<Record<string, Example>>;
}

/** All planted violations, by rule; `test/policies/planted.spec.ts` gives each to the whole pack. */
export const planted = new Map<string, Record<string, Example>>();

/** The spec of a rule that looks at single resources. */
export function describeRule(
  rule: Rule,
  { refuses, accepts, ignores, stoppedBy = {} }: Examples,
  more: () => void = () => {},
): void {
  planted.set(rule.name, refuses);
  describe(rule.name, () => {
    for (const [title, [type, props, expected = /./, surroundings]] of Object.entries(refuses))
      it(`refuses ${title}`, () => {
        const { violations } = judge(rule, type, props, surroundings);
        assert.match(violations.join("\n"), expected);
        assert.ok(
          violations.every((text) => text.endsWith(rule.remediationSteps!)),
          "says what to do",
        );
      });
    for (const [title, [type, props, , surroundings]] of Object.entries(accepts))
      it(`is content with ${title}`, () =>
        assert.deepEqual(judge(rule, type, props, surroundings), { violations: [], notApplicable: false }));
    it("says nothing about other resources", () => {
      for (const type of ignores)
        assert.deepEqual(judge(rule, type, {}), { violations: [], notApplicable: true }, type);
    });
    for (const [title, [type, props, expected = /./, surroundings]] of Object.entries(stoppedBy))
      it(`is stopped, not silenced, by ${title}`, () =>
        assert.match(judge(rule, type, props, surroundings).stoppedBy ?? "not stopped", expected));
    more();
  });
}
