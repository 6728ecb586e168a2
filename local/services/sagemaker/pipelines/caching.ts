import { createHash } from "node:crypto";
import type { Step } from "./definition";

const DURATION = /^P(?!$)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?!$)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i;
const DAY_MS = 86_400_000;
const UNITS_MS = [365 * DAY_MS, 30 * DAY_MS, 7 * DAY_MS, DAY_MS, 3_600_000, 60_000, 1000];

/** Whether a text is an ISO 8601 duration (`P30D`, `PT1H`; SageMaker's SDK also writes `30d`). */
export function isDuration(text: string): boolean {
  return DURATION.test(text) || /^\d+[dhms]$/i.test(text);
}

/** Milliseconds of an ISO 8601 duration. */
export function durationMs(text: string): number {
  const short = /^(\d+)([dhms])$/i.exec(text);
  if (short)
    return (
      Number(short[1]) *
      { d: DAY_MS, h: 3_600_000, m: 60_000, s: 1000 }[short[2]!.toLowerCase() as "d" | "h" | "m" | "s"]
    );
  const parts = DURATION.exec(text);
  if (!parts) throw new RangeError(`${text} is not an ISO 8601 duration`);
  return UNITS_MS.reduce((sum, unit, index) => sum + unit * Number(parts[index + 1] ?? 0), 0);
}

/**
 * The attributes that decide whether two runs of a step are the same, per type ("Caching pipeline steps", SageMaker
 * developer guide). Where the outputs go is not among them, so an output path with the execution's id does not defeat
 * the cache.
 */
const CACHED_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  Processing: [
    "AppSpecification",
    "Environment",
    "ProcessingInputs",
    "ProcessingResources",
    "RoleArn",
    "NetworkConfig",
  ],
  Training: [
    "AlgorithmSpecification",
    "CheckpointConfig",
    "DebugHookConfig",
    "DebugRuleConfigurations",
    "Environment",
    "HyperParameters",
    "InputDataConfig",
    "ResourceConfig",
    "RoleArn",
  ],
};

/** The key under which a step's result is kept, or undefined when the step is not to be cached. */
export function cacheKey(
  pipelineArn: string,
  step: Step,
  argumentsResolved: Readonly<Record<string, unknown>>,
): string | undefined {
  const attributes = CACHED_ATTRIBUTES[step.Type];
  if (!attributes || !step.CacheConfig?.Enabled) return undefined;
  const chosen = Object.fromEntries(attributes.map((name) => [name, argumentsResolved[name]]));
  return createHash("sha256")
    .update(canonical([pipelineArn, step.Name, step.Type, chosen]))
    .digest("hex");
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
