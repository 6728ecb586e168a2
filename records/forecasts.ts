import { z } from "zod";
import type { ObjectStore } from "../aws/s3";
import { readJson } from "../contract/json";
import { forecastsPrefix, forecastStateKey } from "../contract/monitoring";

const limit = z.object({ value: z.number(), breach: z.enum(["above", "below"]) });
const claim = z.object({
  day: z.iso.date(),
  horizonDays: z.number().int().nonnegative(),
  limit,
  probability: z.number(),
});
const outcome = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("hit"), breachedOn: z.iso.date(), leadDays: z.number() }),
  z.object({ outcome: z.enum(["false", "changed", "unmeasured", "open"]) }),
]);
const count = z.number().int().nonnegative();

const seriesMemory = z.object({
  values: z.array(z.object({ day: z.iso.date(), value: z.number() })),
  pending: z.array(claim.extend({ interval: z.tuple([z.number(), z.number()]) })),
  warnings: z.array(claim.extend({ verdict: z.enum(["at-risk", "will-breach"]), outcome })),
  tally: z.object({
    hits: count,
    falseWarnings: count,
    leadDays: z.array(z.number()),
    unjudged: count,
    forecasts: count,
    squaredErrors: z.number().nonnegative(),
    intervals: count,
    held: count,
  }),
});

const chance = z.number().min(0).max(1);
const days = z.number().nullable();
const seen = { day: z.iso.date(), points: count, notes: z.array(z.string()) };

/** A day's forecasts, as far as they are shown. */
const forecastPage = z.object({
  day: z.iso.date(),
  failed: z.array(z.string()),
  series: z.record(
    z.string(),
    z.object({
      verdict: z.string(),
      reasons: z.array(z.string()),
      outlook: z.union([
        z.object({ ...seen, unknown: z.string() }),
        z.object({
          ...seen,
          level: z.number(),
          willBreach: chance,
          horizonDays: count,
          interval: z.tuple([z.number(), z.number()]),
          crossing: z.tuple([days, days, days]),
        }),
      ]),
      score: z.object({
        warnings: count,
        hits: count,
        falseWarnings: count,
        unjudged: count,
        medianLeadDays: z.number().nullable(),
        brier: z.number().nullable(),
        forecasts: count,
        intervalsHeld: z.number().nullable(),
      }),
    }),
  ),
});
export type ForecastPage = Readonly<z.infer<typeof forecastPage>>;

/** What forecasts remember from one day to the next. */
export const forecastState = z.object({
  version: z.literal(1),
  /** ISO 8601 date: last day that was looked at. */
  day: z.iso.date(),
  /** Endpoint configurations, by the days on which they were first seen; the newest last. */
  releases: z.array(z.object({ day: z.iso.date(), configuration: z.string() })),
  series: z.record(z.string(), seriesMemory),
});
export type ForecastState = z.infer<typeof forecastState>;

/** A state with the tag that its next write compares. */
export interface KeptState {
  readonly state?: ForecastState;
  readonly tag?: string;
  /** What is wrong with what lies there; it is kept aside, and the memory begins anew. */
  readonly damaged?: string;
}

/** Forecasts in the artifacts bucket: each day's, written once, and what is remembered. */
export class ForecastRecords {
  constructor(
    private readonly store: Pick<ObjectStore, "getWithTag" | "putIf">,
    private readonly bucket: string,
  ) {}

  /** S3 URI of a day's forecasts. @param day ISO 8601 date. */
  uriOf(day: string): string {
    return `s3://${this.bucket}/${keyOf(day)}`;
  }

  async read(): Promise<KeptState> {
    const object = await this.store.getWithTag({ bucket: this.bucket, key: forecastStateKey });
    if (!object) return {};
    const read = readJson(object.body.toString("utf8"), forecastState);
    if (read.kind === "value") return { state: read.value, tag: object.tag };
    return { tag: object.tag, damaged: read.kind === "not-json" ? read.why : read.problems.slice(0, 5).join("; ") };
  }

  /** @throws Error where somebody else wrote meanwhile. */
  async write(state: ForecastState, tag: string | undefined): Promise<void> {
    const { outcome: written } = await this.store.putIf(
      { bucket: this.bucket, key: forecastStateKey },
      `${JSON.stringify(state)}\n`,
      tag === undefined ? { absent: true } : { tag },
      "application/json",
    );
    if (written === "conflict") throw new Error(`another forecast wrote ${forecastStateKey} at the same time`);
  }

  /** The newest day's forecasts; undefined before the first. @throws Error where what lies there is damaged. */
  async newest(): Promise<ForecastPage | undefined> {
    const { state, damaged } = await this.read();
    if (damaged !== undefined) throw new Error(`${forecastStateKey} is damaged: ${damaged}`);
    const key = state && keyOf(state.day);
    const page = key && (await this.store.getWithTag({ bucket: this.bucket, key }));
    if (!page) return undefined;
    const read = readJson(page.body.toString("utf8"), forecastPage);
    if (read.kind === "value") return read.value;
    throw new Error(`${key} is damaged: ${read.kind === "not-json" ? read.why : read.problems.join("; ")}`);
  }

  /** Keeps a day's forecasts as they were made first. */
  async keepDay(day: string, forecasts: object): Promise<void> {
    const body = `${JSON.stringify(forecasts, undefined, 1)}\n`;
    await this.store.putIf({ bucket: this.bucket, key: keyOf(day) }, body, { absent: true }, "application/json");
  }
}

function keyOf(day: string): string {
  return `${forecastsPrefix}${day.replaceAll("-", "/")}.json`;
}
