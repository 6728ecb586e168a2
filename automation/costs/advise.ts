import { Metrics } from "../../aws/cloudwatch";
import { SageMaker } from "../../aws/sagemaker";
import { callerIdentity } from "../../aws/sts";
import { detectorName } from "../../contract/names";
import { adviseInstance, type InstanceAdvice, type Performance, type ServingNeed } from "../../pricing/adviser";
import { Prices, priceTable } from "../../pricing/table";
import { UserError } from "../errors";
import type { Environment } from "../stack/environment";

const dayMs = 86_400_000;
const lookedDays = 7;

/** What was advised, and what for. */
export interface GivenAdvice extends InstanceAdvice {
  readonly environment: string;
  readonly need: ServingNeed;
}

/**
 * The cheapest allowed instance type for an environment's endpoint. The type that it runs on is measured; how fast others
 * are has to be stated.
 * @param peak images a second; the busiest minute of the last week where it is left out.
 * @throws UserError where nothing was measured and no peak is given.
 */
export async function readAdvice(
  environment: Environment,
  allowed: readonly string[],
  stated: ReadonlyMap<string, Performance>,
  peak?: number,
): Promise<GivenAdvice> {
  const { name, session, settings } = environment;
  const measured = await measure(environment);
  const peakImagesPerSecond = peak ?? measured?.peak;
  if (peakImagesPerSecond === undefined)
    throw new UserError(
      `The endpoint of ${name} answered nothing within ${lookedDays} days, so its peak is not known.`,
      "Say it: npx peregrine cost advise --peak 5 (images a second).",
    );
  const need = {
    peakImagesPerSecond,
    objectiveP90Ms: Number(settings["latencyP90Ms"]),
    minInstances: Number(settings["servingMinInstances"]),
    maxInstances: Number(settings["servingMaxInstances"]),
  };
  const speeds = new Map([...(measured?.speed ?? []), ...stated]);
  return {
    ...{ environment: name, need },
    ...adviseInstance(allowed, speeds, new Prices(priceTable, session.region), need),
  };
}

/** What the endpoint's busiest variants do; undefined where it is not up, or answered nothing. */
async function measure({ name, session, settings }: Environment) {
  const sagemaker = new SageMaker(session);
  const EndpointName = detectorName(name);
  const endpoint = await sagemaker.describeEndpoint(EndpointName);
  if (!endpoint) return undefined;
  const metrics = new Metrics(session);
  const { at } = await callerIdentity(session);
  const values = (metric: string, statistic: string, periodSeconds: number, VariantName: string) =>
    metrics.values(
      {
        ...{ namespace: "AWS/SageMaker", name: metric, statistic, periodSeconds },
        dimensions: { EndpointName, VariantName },
      },
      new Date(at.getTime() - lookedDays * dayMs),
      at,
    );
  const variants = await sagemaker.variantsOf(endpoint.EndpointConfigName!);
  const found = await Promise.all(
    variants.map(async ({ name: variant, instanceType }) => {
      const [minutes, latencies] = await Promise.all([
        values("Invocations", "Sum", 60, variant),
        values("ModelLatency", "p90", lookedDays * 86_400, variant),
      ]);
      return { instanceType, peak: Math.max(0, ...minutes) / 60, p90Ms: Math.max(0, ...latencies) / 1000 };
    }),
  );
  const answered = found.filter(({ peak }) => peak > 0);
  if (answered.length === 0) return undefined;
  const speed = answered.flatMap(({ instanceType, p90Ms }): [string, Performance][] =>
    instanceType === undefined || p90Ms === 0
      ? []
      : [
          [
            instanceType,
            {
              p90Ms,
              imagesPerSecond: Number(settings["invocationsPerInstance"]) / 60,
              source: `latency measured within ${lookedDays} days, images as peregrine:invocationsPerInstance says`,
            },
          ],
        ],
  );
  return { peak: answered.reduce((sum, { peak }) => sum + peak, 0), speed };
}
