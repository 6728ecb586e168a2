import assert from "node:assert/strict";
import type { MetricQuery } from "../../aws/cloudwatch";
import { alertDetail, forecastDetail, forecastStateKey, retrainingProposal } from "../../contract/monitoring";
import { forecastAll } from "../../functions/forecast";
import { forecastText } from "../../insight/forecasts";
import { isoDay } from "../../lifecycle/forecasting/calendar";
import { withWarning } from "../../lifecycle/forecasting/score";
import { ForecastRecords, type ForecastState } from "../../records/forecasts";
import { firstDay, streamOf } from "../../scripts/bench/forecasts/streams";
import { MemoryStore } from "../support/memory-store";

const limits = {
  map50: 0.55,
  latencyMs: 2000,
  diskPercent: 75,
  maxInstances: 2,
  invocationsPerInstance: 600,
  monthlyUsd: 500,
};
const at = (day: number) => ({ time: `${isoDay(firstDay + day)}T02:00:00Z` });

interface Put {
  readonly source: string;
  readonly type: string;
  readonly detail: Record<string, unknown>;
}

/** Metrics as a test has them: values by day since the first, in CloudWatch's units. */
type Series = (day: number) => number | undefined;

class World {
  readonly store = new MemoryStore();
  readonly events: Put[] = [];
  readonly lines: string[] = [];
  configuration = "config-1";
  readonly refused = new Set<string>();
  readonly asked: MetricQuery[] = [];
  series: Readonly<Record<string, Series>> = {};

  look(day: number): Promise<string> {
    const metrics = {
      points: async (query: MetricQuery, start: Date, end: Date) => {
        this.asked.push(query);
        if (this.refused.has(query.name))
          throw Object.assign(new Error("not authorized to perform cloudwatch:GetMetricData"), {
            name: "AccessDenied",
          });
        const found: { time: Date; value: number }[] = [];
        for (let index = 0; index < 400; index++) {
          const time = new Date(`${isoDay(firstDay + index)}T00:00:00Z`);
          const value = this.series[query.name]?.(index);
          if (value !== undefined && time >= start && time < end) found.push({ time, value });
        }
        return found;
      },
    };
    return forecastAll(at(day), {
      environment: "prod",
      endpoint: "peregrine-prod-detector",
      variant: "champion",
      limits,
      metrics,
      billing: metrics,
      records: new ForecastRecords(this.store, "artifacts"),
      endpoints: { describeEndpoint: async () => ({ EndpointConfigName: this.configuration }) as never },
      bus: {
        put: async (source: string, type: string, detail: object) =>
          void this.events.push({ source, type, detail: detail as Record<string, unknown> }),
      },
      log: (line) => void this.lines.push(line),
    });
  }

  get state(): ForecastState {
    return JSON.parse(this.store.objects.get(forecastStateKey)!.body.toString("utf8")) as ForecastState;
  }
}

/** A score that falls by a tenth of its noise a day from day 60 on, below 0.55 on day 130. */
const falling = streamOf({ seed: 5, days: 200, headroom: 7, phi: 0.4, slope: 0.001, from: 60 });
const steady = streamOf({ seed: 6, days: 200, headroom: 7, phi: 0.4 });
const of =
  ({ values }: { values: readonly { value: number }[] }): Series =>
  (day) =>
    values[day]?.value;

describe("the daily forecast", () => {
  let world: World;
  beforeEach(() => (world = new World()));

  it("warns once of a quality that falls, with date, evidence and command, and proposes a retraining", async () => {
    world.series = { Map50: of(falling) };
    let warned: number | undefined;
    for (let day = 105; day <= 130; day++) {
      await world.look(day);
      if (world.events.length > 0) warned ??= day;
    }
    assert.ok(warned! < 125, `${warned}`);
    const [warning, proposal] = world.events as [Put, Put];
    assert.equal(warning.source, "peregrine.model");
    assert.equal(warning.type, "Breach Forecast");
    const detail = forecastDetail.parse(warning.detail);
    alertDetail.parse(warning.detail);
    assert.equal(detail.verdict, "will-breach");
    assert.equal(detail.cause, "forecast-quality");
    assert.match(
      detail.message,
      /^mAP50 on what people labelled is on its way to its limit: 0\.\d+ by 2026-\d\d-\d\d; its limit is 0\.550, and with a chance of \d+ % it is below it within 28 days \(in \d+ days as it looks, between \d+ and \d+\)\. No warning about it has been judged yet(; Brier score 0\.\d\d over \d+ forecasts)?\. Forecasts: s3:\/\/artifacts\/watch\/forecasts\/2026\/\d\d\/\d\d\.json\. Runbook: docs\/forecasts\.md\. Next: npx peregrine label export to-label --stack prod$/,
    );
    assert.equal(proposal.type, "Retraining Proposed");
    const proposed = retrainingProposal.parse(proposal.detail);
    assert.equal(proposed.trigger, "forecast");
    assert.ok(proposed.shortfall! > 0 && proposed.shortfall! < 0.2);
    // Nothing is told every day.
    assert.deepEqual(
      world.events.filter(({ type }) => type === "Breach Forecast").map(({ detail: { verdict } }) => verdict),
      ["will-breach"],
    );
    assert.ok(world.store.objects.has(detail.evidence!.replace("s3://artifacts/", "")));
  }).timeout(60_000);

  it("judges what it said, and shows the score with the next warning", async () => {
    world.series = { Map50: of(falling) };
    for (let day = 105; day <= 142; day++) await world.look(day);
    const { warnings, tally } = world.state.series["quality"]!;
    const [first] = warnings;
    assert.equal(first!.outcome.outcome, "hit");
    assert.ok(tally.hits >= 1 && tally.leadDays[0]! > 5, JSON.stringify(tally));
    assert.ok(tally.forecasts > 0 && tally.squaredErrors / tally.forecasts < 0.25);
    const shown = JSON.parse(world.store.objects.get("watch/forecasts/2026/05/22.json")!.body.toString("utf8")) as {
      series: Record<string, { score: { hits: number } }>;
    };
    assert.equal(shown.series["quality"]!.score.hits, tally.hits);
  }).timeout(60_000);

  it("tells with a warning what came of earlier ones", async () => {
    world.series = { Map50: of(falling) };
    await world.look(104);
    const { state } = world;
    const hit = { outcome: "hit", breachedOn: "2026-01-20", leadDays: 9 } as const;
    const tally = withWarning(state.series["quality"]!.tally, hit);
    const series = { ...state.series, quality: { ...state.series["quality"]!, tally } };
    world.store.add(forecastStateKey, JSON.stringify({ ...state, series }));
    for (let day = 105; day <= 130 && world.events.length === 0; day++) await world.look(day);
    const { message, score } = forecastDetail.parse(world.events[0]!.detail);
    assert.match(score, /^1 of 1 judged warnings about it came true, 9 days ahead in the median/);
    assert.ok(message.includes(score));
  }).timeout(60_000);

  it("says nothing of steady series, and what it does not know of the others", async () => {
    world.series = {
      Map50: of(steady),
      ModelLatency: (day) => 900_000 + 20_000 * ((day * 7919) % 10),
      Invocations: (day) => 600 * 60 * (0.5 + ((day * 7919) % 10) / 100),
      EstimatedCharges: (day) => 10 * Number(isoDay(firstDay + day).slice(8)),
    };
    const found = await world.look(120);
    assert.equal(
      found,
      "quality quiet, estimated-quality unknown, latency quiet, disk unknown, instances quiet, spend quiet",
    );
    assert.deepEqual(world.events, []);
    const { series } = JSON.parse(
      world.store.objects.get("watch/forecasts/2026/04/30.json")!.body.toString("utf8"),
    ) as { series: Record<string, { reasons: string[]; outlook: { level: number } }> };
    assert.deepEqual(series["disk"]!.reasons, ["there are no values"]);
    // Milliseconds, and instances.
    assert.ok(Math.abs(series["latency"]!.outlook.level - 990) < 40, `${series["latency"]!.outlook.level}`);
    assert.ok(Math.abs(series["instances"]!.outlook.level - 0.545) < 0.05);
  });

  it("is shown as text, with what is not known", async () => {
    assert.equal(await new ForecastRecords(world.store, "artifacts").newest(), undefined);
    world.series = { Map50: of(steady) };
    await world.look(120);
    const text = forecastText((await new ForecastRecords(world.store, "artifacts").newest())!);
    assert.match(text, /^Forecasts from the values up to 2026-04-30\n/);
    assert.match(text, /\nquality {12}quiet {8}now 0\.6\d+; in 28 days 0\.\d+ to 0\.\d+; chance of a breach \d+ %/);
    assert.match(text, /\ndisk {15}unknown {6}there are no values/);
  });

  it("looks once a day, however often it is called", async () => {
    world.series = { Map50: of(steady) };
    await world.look(120);
    assert.equal(await world.look(120), "2026-04-30 was looked at before");
    assert.equal(await world.look(119), "2026-04-29 was looked at before");
  });

  it("goes on where a series is refused, says so, and fails where all are", async () => {
    world.series = { Map50: of(steady) };
    world.refused.add("EstimatedCharges");
    await world.look(120);
    assert.match(world.lines.join("\n"), /could not be read: spend: refused: not authorized/);
    for (const name of ["Map50", "EstimatedMap50", "ModelLatency", "DiskUtilization", "Invocations"])
      world.refused.add(name);
    await assert.rejects(world.look(121), /nothing could be read: quality: refused/);
    assert.equal(world.state.day, "2026-04-30");
  });

  it("makes a damaged memory anew, and says so", async () => {
    world.series = { Map50: of(steady) };
    world.store.add(forecastStateKey, '{"version":1,"day":"soon"}');
    await world.look(120);
    assert.match(world.lines[0]!, /state\.json is damaged, and is made anew: day: "soon"/);
    assert.equal(world.state.day, "2026-04-30");
  });

  it("takes a release for a change of level, and does not judge old warnings by the new model", async () => {
    world.series = { Map50: of(falling) };
    for (let day = 108; day <= 118; day++) await world.look(day);
    assert.equal(world.state.series["quality"]!.warnings[0]!.outcome.outcome, "open");
    world.configuration = "config-2";
    world.series = { Map50: (day) => (day < 118 ? of(falling)(day) : of(steady)(day)) };
    for (let day = 119; day <= 122; day++) await world.look(day);
    assert.deepEqual(world.state.releases, [
      { day: "2026-04-18", configuration: "config-1" },
      { day: "2026-04-29", configuration: "config-2" },
    ]);
    assert.equal(world.state.series["quality"]!.warnings[0]!.outcome.outcome, "changed");
  }).timeout(60_000);

  it("remembers values that CloudWatch no longer has", async () => {
    world.series = { Map50: of(steady) };
    await world.look(100);
    world.series = { Map50: (day) => (day > 95 ? of(steady)(day) : undefined) };
    await world.look(101);
    assert.equal(world.state.series["quality"]!.values.length, 101);
  });
});
