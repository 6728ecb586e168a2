import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { assumptionProblems, assumptions, type Assumptions } from "../../pricing/assumptions";
import { priceDifference, type PriceDifference } from "../../pricing/difference";
import type { PlannedResource } from "../../pricing/pricer";
import { priceStack, type PricingProblem, type StackPrice } from "../../pricing/stack";
import { priceTable } from "../../pricing/table";
import { UserError } from "../errors";
import type { Progress } from "../stack/engine-log";
import type { Environment } from "../stack/environment";

/** Something in the plan or the state has no price, so there is no sum either. */
export class PriceUnknown extends UserError {}

/** What an environment costs a month, and what the planned change adds or takes. */
export interface EnvironmentPrice {
  readonly environment: string;
  readonly region: string;
  readonly price: StackPrice;
  /** Absent when the state was priced as it is. */
  readonly difference?: PriceDifference;
}

/**
 * Prices what the next update would make of an environment, and compares it with what is there.
 * @throws PriceUnknown.
 */
export async function pricePlan(
  environment: Environment,
  assume: Assumptions,
  onProgress?: (progress: Progress) => void,
): Promise<EnvironmentPrice> {
  const { before, after, settings } = await environment.plan(onProgress);
  const price = (resources: readonly PlannedResource[]) => priced(environment, resources, assume, settings);
  const willBe = price(after);
  return { ...place(environment), price: willBe, difference: priceDifference(price(before), willBe) };
}

/** Prices what the state holds: no preview, nothing unknown. @throws PriceUnknown. */
export async function priceState(environment: Environment, assume: Assumptions): Promise<EnvironmentPrice> {
  const resources = (await environment.resources()).filter(({ custom, external }) => custom && !external);
  return {
    ...place(environment),
    price: priced(
      environment,
      resources.map(({ urn, type, inputs = {} }) => ({ urn, type, inputs })),
      assume,
      {},
    ),
  };
}

/**
 * Assumptions from a file (JSON or YAML, names to numbers) and from single values, which go first.
 * @throws UserError with all problems.
 */
export function readAssumptions(file: string | undefined, single: Readonly<Record<string, unknown>>): Assumptions {
  const given = { ...(file === undefined ? {} : readFile(file)), ...single };
  const problems = assumptionProblems(given);
  if (problems.length > 0)
    throw new UserError(
      `Assumptions that cannot be used:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
      "docs/cost.md lists them all, with their meaning.",
    );
  return assumptions(given);
}

function readFile(file: string): Record<string, unknown> {
  try {
    const given = parse(readFileSync(file, "utf8")) as unknown;
    if (given === null || typeof given !== "object" || Array.isArray(given))
      throw new Error("it holds no names with values");
    return given as Record<string, unknown>;
  } catch (error) {
    throw new UserError(
      `The assumptions in ${file} cannot be read: ${(error as Error).message.trim()}`,
      "It must be JSON or YAML: one name with a number a line.",
      { cause: error },
    );
  }
}

function place({ name, session }: Environment): { environment: string; region: string } {
  return { environment: name, region: session.region };
}

function priced(
  { name, session }: Environment,
  resources: readonly PlannedResource[],
  assume: Assumptions,
  settings: Readonly<Record<string, string>>,
): StackPrice {
  const price = priceStack(resources, { table: priceTable, region: session.region, assume, settings });
  if (price.problems.length > 0) throw unknownPrice(name, price.problems);
  return price;
}

function unknownPrice(environment: string, problems: readonly PricingProblem[]): PriceUnknown {
  const lines = problems.map(
    ({ urn, type, reason, cure }) => `  - ${type} ${urn.split("::").at(-1)}: ${reason}. ${cure}`,
  );
  return new PriceUnknown(
    `${environment} has no price: ${problems.length} of its resources ${problems.length === 1 ? "has" : "have"} none.\n${lines.join("\n")}`,
    "A sum without them would be wrong. docs/cost.md says how prices are added.",
  );
}
