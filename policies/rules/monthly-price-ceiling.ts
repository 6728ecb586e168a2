import type { PolicyResource } from "@pulumi/policy";
import { assumptions, type AssumptionName } from "../../pricing/assumptions";
import { unknownText } from "../../pricing/inputs";
import type { PlannedResource } from "../../pricing/pricer";
import { priceAlone, priceStack, type PricingOptions, type StackPrice } from "../../pricing/stack";
import { priceTable } from "../../pricing/table";
import { wellArchitected } from "../frameworks";
import { defineRule, type Subject } from "../rule";

interface Config {
  /** The most that one resource may cost a month, US dollars. */
  readonly resourceMonthlyUsd: number;
  /** The most that the stack may cost a month, US dollars. */
  readonly stackMonthlyUsd: number;
  /** Region of resources whose provider does not say it. */
  readonly region: string;
  /** How much is used, where it differs from what the price list assumes (docs/cost.md). */
  readonly assumptions?: Readonly<Partial<Record<AssumptionName, number>>>;
}

export const monthlyPriceCeiling = defineRule<Config>({
  name: "monthly-price-ceiling",
  description: "No resource, and not the whole stack, costs more a month than the environment may.",
  rationale: "A budget reports after the money is spent; the plan reports before.",
  severity: "high",
  framework: wellArchitected("MLCOST02", "Monitor usage and cost by ML activity"),
  remediationSteps:
    "Take something smaller (npx peregrine cost plan shows what is expensive), or ask whoever answers for the costs to raise the ceiling in policies/config/<environment>.json.",
  url: "https://docs.aws.amazon.com/wellarchitected/latest/cost-optimization-pillar/welcome.html",
  configSchema: {
    properties: {
      resourceMonthlyUsd: { type: "number" },
      stackMonthlyUsd: { type: "number" },
      region: { type: "string" },
      assumptions: { type: "object" },
    },
  },
  needs: ["resourceMonthlyUsd", "stackMonthlyUsd", "region"],
  appliesTo: (type) => type.startsWith("aws:"),
  *check(resource, config) {
    const { planned, unknowns } = known(resource);
    const price = priceAlone(planned, optionsFor([resource], config));
    yield* unpriced(price);
    for (const { monthlyUsd, assumption } of price.resources)
      if (monthlyUsd > config.resourceMonthlyUsd)
        yield ceiling("It costs", monthlyUsd, config.resourceMonthlyUsd, assumption);
    // Its price hangs on a value that the preview does not know: the engine says so. What hangs on other resources is
    // judged with the stack.
    const stoppedBy = price.problems.filter(({ unknown }) => unknown).map(({ reason }) => about(reason, unknowns))[0];
    if (stoppedBy) throw stoppedBy;
  },
  *checkStack(resources, config) {
    const ours = resources.filter(({ type }) => type.startsWith("aws:"));
    const seen = ours.map(known);
    const price = priceStack(
      seen.map(({ planned }) => planned),
      optionsFor(ours, config),
    );
    const judged = new Set(
      seen
        .filter(({ planned }) => priceAlone(planned, optionsFor(ours, config)).problems.length === 0)
        .map(({ planned }) => planned.urn),
    );
    for (const { urn, monthlyUsd, assumption } of price.resources)
      if (!judged.has(urn) && monthlyUsd > config.resourceMonthlyUsd)
        yield { message: ceiling("It costs", monthlyUsd, config.resourceMonthlyUsd, assumption), urn };
    const dearest = [...price.resources].sort((a, b) => b.monthlyUsd - a.monthlyUsd)[0];
    if (dearest && price.monthlyUsd > config.stackMonthlyUsd)
      yield {
        message: ceiling(
          "The stack costs",
          price.monthlyUsd,
          config.stackMonthlyUsd,
          `most of it here, ${dollars(dearest.monthlyUsd)}`,
        ),
        urn: dearest.urn,
      };
    const unknown = price.problems.filter((problem) => problem.unknown);
    // The input may be another resource's, such as the configuration of an endpoint. While a preview knows too little,
    // the engine says that the rule was stopped.
    const own = (urn: string) => seen.find(({ planned }) => planned.urn === urn)?.unknowns ?? [];
    const stoppedBy = unknown.map(
      ({ urn, reason }) =>
        about(reason, own(urn)) ??
        about(
          reason,
          seen.flatMap(({ unknowns }) => unknowns),
        ),
    )[0];
    if (stoppedBy) throw stoppedBy;
    for (const { urn, reason, cure } of unknown) yield { message: `It cannot be priced: ${reason}. ${cure}`, urn };
  },
});

function optionsFor(resources: readonly Pick<Subject, "provider">[], config: Config): PricingOptions {
  const region = resources
    .map(({ provider }) => provider?.props["region"] as unknown)
    .find((one) => typeof one === "string");
  return {
    table: priceTable,
    region: (region as string | undefined) ?? config.region,
    assume: assumptions(config.assumptions),
  };
}

/**
 * Resources without a price, for another reason than that it is not known yet: nobody can say that they are cheap
 * enough.
 */
function* unpriced({ problems }: StackPrice): Iterable<string> {
  for (const { reason, cure, unknown } of problems) if (!unknown) yield `It cannot be priced: ${reason}. ${cure}`;
}

function ceiling(what: string, usd: number, most: number, why: string): string {
  return `${what} ${dollars(usd)} a month (${why}), and ${dollars(most)} is the ceiling.`;
}

const dollars = (usd: number): string => `${usd.toFixed(2)} USD`;

/**
 * The error about the input that a problem names, or any of them: the engine wants its own, to tell that the rule was
 * stopped.
 */
function about(reason: string, unknowns: readonly Error[]): Error | undefined {
  return unknowns.find(({ message }) => reason.includes(/ at \.(\S+) /.exec(message)?.[1] ?? message)) ?? unknowns[0];
}

/**
 * A resource whose unknown inputs hold the engine's marker instead of throwing when they are touched, and the errors
 * that they threw: only a price that hangs on one of them has to stop the rule.
 */
function known({ urn, type, props }: Pick<PolicyResource, "urn" | "type" | "props">): {
  readonly planned: PlannedResource;
  readonly unknowns: readonly Error[];
} {
  const unknowns: Error[] = [];
  const copy = (value: unknown): unknown => {
    if (value === null || typeof value !== "object") return value;
    const member = (name: string | number): unknown => {
      try {
        return copy((value as Record<string | number, unknown>)[name]);
      } catch (error) {
        unknowns.push(error as Error);
        return unknownText;
      }
    };
    return Array.isArray(value)
      ? Array.from({ length: value.length }, (_, index) => member(index))
      : Object.fromEntries(Object.keys(value).map((name) => [name, member(name)]));
  };
  return { planned: { urn, type, inputs: copy(props) as Record<string, unknown> }, unknowns };
}
