import { Metrics } from "../../aws/cloudwatch";
import { callerIdentity } from "../../aws/sts";
import { challengerVariant, championVariant } from "../../contract/variants";
import type { ExperimentMode } from "../../contract/desired-release";
import type { StackOutputs } from "../../contract/outputs";
import { designOf, type ExperimentDesign, InvalidExperiment } from "../../lifecycle/experiment/design";
import { unmeasured } from "../../lifecycle/experiment/measurable";
import { type ExperimentPlan, planExperiment } from "../../lifecycle/experiment/plan";
import { shadowPercent } from "../../lifecycle/experiment/step";
import { MissingPrice, priceTable, Prices } from "../../pricing/table";
import { UserError } from "../errors";
import type { Environment } from "../stack/environment";

/** An experiment as a data scientist asks for it: a JSON file. */
export interface AskedExperiment {
  readonly mode: ExperimentMode;
  /** Of a shadow: share of the requests that it gets copies of, per cent. */
  readonly samplePercent?: number;
  /** `ExperimentDesign`; of a shadow its share follows from the sample. */
  readonly design: Readonly<Record<string, unknown>>;
  /** `ExperimentTraffic`; the rate is measured where it is left out. */
  readonly traffic: Readonly<Record<string, unknown>>;
  /** `ExperimentPrices`; the instances' is looked up where it is left out. */
  readonly prices: Readonly<Record<string, unknown>>;
}

/** A plan, and what it was made from. */
export interface PlannedExperiment {
  readonly plan: ExperimentPlan;
  readonly design: ExperimentDesign;
  readonly traffic: Readonly<Record<string, unknown>>;
  readonly prices: Readonly<Record<string, unknown>>;
}

const weekMs = 7 * 86_400_000;
const hourSeconds = 3600;

/**
 * Plans an experiment: what it can find, how long it takes, what it costs. Nothing is changed.
 * @throws UserError with all that is wrong with what was asked.
 */
export async function planAsked(
  target: Environment,
  outputs: StackOutputs,
  asked: AskedExperiment,
): Promise<PlannedExperiment> {
  const { mode, samplePercent = 100 } = asked;
  const design = {
    ...asked.design,
    ...(mode === "shadow" ? { challengerPercent: shadowPercent(samplePercent) } : {}),
  };
  const traffic = {
    ...(asked.traffic["requestsPerSecond"] === undefined
      ? { requestsPerSecond: await requestsPerSecond(target, outputs) }
      : {}),
    ...asked.traffic,
  };
  const prices = {
    usdPerLabel: 0,
    usdPerRequest: 0,
    ...(asked.prices["challengerUsdPerHour"] === undefined ? { challengerUsdPerHour: usdPerHour(target) } : {}),
    ...asked.prices,
  };
  try {
    const plan = planExperiment(design, traffic, prices);
    const read = designOf(design);
    const problems = unmeasured(read);
    if (problems.length > 0) throw new InvalidExperiment(problems);
    return { plan, design: read, traffic, prices };
  } catch (error) {
    if (!(error instanceof InvalidExperiment)) throw error;
    throw new UserError(
      `This is no experiment:\n${error.problems.map((problem) => `  - ${problem}`).join("\n")}`,
      "Correct the file; what it holds: docs/experiments.md",
      { cause: error },
    );
  }
}

/** Requests of all variants, on average over the week before. */
async function requestsPerSecond({ session }: Environment, { endpointName }: StackOutputs): Promise<number> {
  const { at } = await callerIdentity(session);
  const metrics = new Metrics(session);
  const start = new Date(at.getTime() - weekMs);
  const sums = await Promise.all(
    [championVariant, challengerVariant].map((VariantName) =>
      metrics.values(
        {
          namespace: "AWS/SageMaker",
          name: "Invocations",
          dimensions: { EndpointName: endpointName, VariantName },
          statistic: "Sum",
          periodSeconds: hourSeconds,
        },
        start,
        at,
      ),
    ),
  );
  // Hours without a value had no requests, or no endpoint: an endpoint of two hours is not judged by a week.
  const hours = Math.max(...sums.map((values) => values.length));
  return hours === 0 ? 0 : sums.flat().reduce((total, value) => total + value, 0) / (hours * hourSeconds);
}

/** US dollars of the instances that a challenger begins with. @throws UserError where the table has no price. */
function usdPerHour({ session, settings }: Environment): number {
  const instances = Number(settings["servingMinInstances"]);
  try {
    return (
      instances *
      new Prices(priceTable, session.region).usd(`sagemaker.hosting.${String(settings["servingInstanceType"])}`)
    );
  } catch (error) {
    if (!(error instanceof MissingPrice)) throw error;
    throw new UserError(error.message, "Say what an hour of the challenger costs: prices.challengerUsdPerHour", {
      cause: error,
    });
  }
}
