import { amount, rate } from "../amounts";
import { Inputs, optional, UnknownInput } from "../inputs";
import type { Part, PlannedResource, Pricer, World } from "../pricer";
import { hoursOpen } from "./scheduled";
import { daysPerMonth } from "../schedule";

export const configurationType = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const kilobytesPerGB = 1e6;

/** Endpoints, which run day and night unless a schedule takes them away. */
export const serving: Readonly<Record<string, Pricer>> = {
  "aws:sagemaker/endpoint:Endpoint": (inputs, world) => {
    const configuration = configurationOf(inputs, world);
    const variants = ["productionVariants", "shadowProductionVariants"].flatMap((list) => configuration.objects(list));
    return [
      ...variants.map((variant) => instances(variant, inputs, world)),
      traffic(world),
      ...captured(configuration, world),
    ];
  },
};

/** What an endpoint configuration costs when an endpoint runs it: its instances for a month. */
export function configurationParts(inputs: Inputs, world: World): Part[] {
  return ["productionVariants", "shadowProductionVariants"]
    .flatMap((list) => inputs.objects(list))
    .map((variant) => instances(variant, undefined, world));
}

/**
 * The configuration that the endpoint runs: by its name, or, while a preview does not know that, the most expensive one
 * of the stack: a changing endpoint is priced at the most that it may become.
 */
function configurationOf(endpoint: Inputs, world: World): Inputs {
  const configurations = world.resources.filter(({ type }) => type === configurationType);
  const name = optional(() => endpoint.text("endpointConfigName"));
  const named = name === undefined ? undefined : configurations.find((configuration) => isCalled(configuration, name));
  if (named) return new Inputs(named.inputs, "endpointConfiguration");
  if (configurations.length === 0)
    throw new UnknownInput("endpointConfigName", "names no endpoint configuration of this stack");
  const inputs = configurations.map((configuration) => new Inputs(configuration.inputs, "endpointConfiguration"));
  const usd = (one: Inputs) => configurationParts(one, world).reduce((sum, part) => sum + part.usd, 0);
  return inputs.reduce((dearest, one) => (usd(one) > usd(dearest) ? one : dearest));
}

/** By its physical name; where Pulumi makes that up, it is the logical name and seven digits. */
function isCalled({ inputs, urn }: PlannedResource, name: string): boolean {
  const logical = urn.split("::").at(-1)!;
  return (
    inputs["name"] === name ||
    name === logical ||
    (name.startsWith(`${logical}-`) && /^[0-9a-f]{7}$/.test(name.slice(logical.length + 1)))
  );
}

function instances(variant: Inputs, endpoint: Inputs | undefined, world: World): Part {
  const { prices, assume } = world;
  if (variant.has("serverlessConfig")) return serverless(variant.object("serverlessConfig"), world);
  const type = variant.text("instanceType");
  const hourly = prices.usd(`sagemaker.hosting.${type}`);
  const started = variant.number("initialInstanceCount", 1);
  const { least, most } = endpoint ? scaling(variant, endpoint, world) : { least: undefined, most: undefined };
  const count = least ?? started;
  const hours = endpoint
    ? hoursOpen(
        optional(() => endpoint.optionalText("name")),
        world,
      )
    : assume.hoursPerMonth;
  return {
    usd: count * hourly * hours,
    ...(most === undefined ? {} : { atMostUsd: most * hourly * hours }),
    how: `${count} x ${type} x ${amount(hours)} h${hours < assume.hoursPerMonth ? " by its schedules" : ""} at ${rate(hourly)}${most !== undefined && most > count ? `, ${most} at the most by autoscaling` : ""}`,
  };
}

/**
 * What a serverless variant costs: its memory for as long as requests last, and for all the time that containers are
 * kept ready. Requests on those cost less than is counted here.
 */
function serverless(config: Inputs, { prices, assume }: World): Part {
  const gigabytes = config.number("memorySizeInMb") / 1024;
  const ready = config.number("provisionedConcurrency", 0);
  const perSecond = prices.usd("sagemaker.serverless");
  const secondsReady = ready * assume.hoursPerMonth * 3600;
  return {
    usd:
      gigabytes *
      (assume.requestsPerMonth * assume.serverlessSeconds * perSecond +
        (ready > 0 ? secondsReady * prices.usd("sagemaker.serverless-provisioned") : 0)),
    how: `${amount(assume.requestsPerMonth)} requests a month of ${assume.serverlessSeconds} s with ${gigabytes} GB at ${rate(perSecond)}${ready > 0 ? `, ${ready} containers kept ready` : ""}`,
  };
}

/** What autoscaling does with a variant: it never goes below the least, nor above the most. */
function scaling(variant: Inputs, endpoint: Inputs, { resources }: World): { least?: number; most?: number } {
  const targets = resources
    .filter(({ type }) => type === "aws:appautoscaling/target:Target")
    .map(({ inputs }) => new Inputs(inputs, "scalingTarget"));
  const name = optional(() => variant.optionalText("variantName"));
  const own = optional(() => endpoint.optionalText("name"));
  const target = targets.find((one) => {
    const id = optional(() => one.optionalText("resourceId"));
    // The id of an endpoint that is still to come may be unknown: of one target there is no doubt.
    return id === undefined
      ? targets.length === 1
      : id.endsWith(`/variant/${name}`) && (own === undefined || id === `endpoint/${own}/variant/${name}`);
  });
  return target ? { least: target.number("minCapacity"), most: target.number("maxCapacity") } : {};
}

function traffic({ prices, assume }: World): Part {
  const gigabytes = (assume.requestsPerMonth * (assume.requestKB + assume.answerKB)) / kilobytesPerGB;
  return {
    usd: gigabytes * prices.usd("sagemaker.endpoint-data"),
    how: `${amount(assume.requestsPerMonth)} requests a month of ${assume.requestKB} KB, answers of ${assume.answerKB} KB: ${amount(gigabytes)} GB at ${rate(prices.usd("sagemaker.endpoint-data"))}`,
  };
}

/**
 * Captured requests and answers, kept as long as the bucket's rule for them says. Images are captured as base64, a
 * third bigger.
 */
function captured(configuration: Inputs, world: World): Part[] {
  const { prices, assume } = world;
  const capture = configuration.object("dataCaptureConfig");
  if (!capture.flag("enableCapture")) return [];
  const share = capture.number("initialSamplingPercentage", 100) / 100;
  const perMonth = (assume.requestsPerMonth * share * ((assume.requestKB * 4) / 3 + assume.answerKB)) / kilobytesPerGB;
  const days = captureDays(world);
  const stored = (perMonth * days) / daysPerMonth;
  return [
    {
      usd: stored * prices.usd("s3.storage"),
      how: `${amount(perMonth)} GB captured a month (${amount(share * 100)} % of requests), kept ${amount(days)} days: ${amount(stored)} GB at ${rate(prices.usd("s3.storage"))}`,
    },
  ];
}

function captureDays({ resources, settings }: World): number {
  const rules = resources
    .filter(({ type }) => type.startsWith("aws:s3/bucketLifecycleConfiguration"))
    .flatMap(({ inputs }) => new Inputs(inputs, "lifecycle").objects("rules"));
  const rule = rules.find((one) =>
    (optional(() => one.object("filter").optionalText("prefix")) ?? "").startsWith("capture"),
  );
  const days = rule
    ? rule.object("expiration").number("days", 0)
    : Number(settings["peregrine:captureRetentionDays"] ?? 0);
  if (days > 0) return days;
  throw new UnknownInput(
    "dataCaptureConfig",
    "fills a bucket for which no lifecycle rule says when captured data expires",
  );
}
