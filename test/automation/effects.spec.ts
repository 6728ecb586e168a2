import assert from "node:assert/strict";
import { catalogueOf, type EffectFacts, effectsOf, liveReleases, worthOf } from "../../automation/effects/effects";
import { type KpiPlaces, readKpi } from "../../automation/effects/series";
import { UserError } from "../../automation/errors";
import { scoresKey } from "../../contract/experiment";
import { kpiRowsKey, kpiTableKey } from "../../contract/kpi";
import { kpisOf } from "../../infra/settings/business";
import { effectText, roiText } from "../../insight/effects";
import { isoDay } from "../../lifecycle/forecasting/calendar";
import type { Experiment } from "../../records/experiment";
import type { RecordedRelease } from "../../records/release";
import { changeDay, firstDay, historyOf, trialOf } from "../../scripts/bench/effects/histories";
import { MemoryStore } from "../support/memory-store";

const release = (id: string, day: number, sequence: number, more: Partial<RecordedRelease> = {}): RecordedRelease =>
  ({
    ...{ releaseId: id, kind: "promote", outcome: "live", modelSha256: id.at(-1)!.repeat(64) },
    modelPackageArn: `arn:aws:sagemaker:eu-central-1:123456789012:model-package/detector/${sequence}`,
    ...{ startedAt: `${isoDay(day)}T09:00:00Z`, endedAt: `${isoDay(day)}T10:00:00Z` },
    ...{ entry: { sequence, hash: "", by: "" }, ...more },
  }) as RecordedRelease;
const [kpi, second, third] = kpisOf(
  ["a", "b", "c"].map((name) => `${name} calls/image lower inspection feedback:wrong usd=1..1`),
);
const change = changeDay(90);
const daily = (seed: number, effect = 0) =>
  historyOf({ seed, days: 90, phi: 0.3, effect }).map(({ day, value }) => ({ day: isoDay(day), value }));
const asked = release("r-b", change, 2);
const facts = (over: Partial<EffectFacts> = {}): EffectFacts => ({
  ...{ releases: [release("r-a", firstDay - 200, 1), asked], experiments: [], quality: [], today: "2027-01-01" },
  kpis: [{ kpi: kpi!, series: { rows: daily(3, -4), since: "2025-01-01" } }],
  ...over,
});

describe("effects of releases", () => {
  it("are those of the ledger's releases, with what else changed", () => {
    const [found] = effectsOf(facts(), asked).results;
    assert.deepEqual([found!.verdict, found!.release, found!.otherChanges], ["better", "r-b", []]);
    const soon = release("r-c", change + 5, 3, { kind: "rollback" });
    const [refused] = effectsOf(facts({ releases: [...facts().releases, soon] }), asked).results;
    assert.equal(refused!.verdict, "refused");
    assert.match(effectText([refused!]), /rollback of release r-c/);
    const failed = release("r-d", change + 5, 3, { outcome: "rolled-back" });
    assert.equal(effectsOf(facts({ releases: [...facts().releases, failed] }), asked).results[0]!.verdict, "better");
  });

  it("rest on the experiment in which the model was the challenger, sequentially where it ended early", () => {
    const { rows } = trialOf({ seed: 5, flights: 20, images: 20, correlation: 0.2, effect: -1 });
    const experiment = (rule: object, outcome: string) =>
      ({
        id: "x-1",
        designed: {
          ...{ mode: "live", challenger: { modelSha256: asked.modelSha256 } },
          design: {
            ...{ name: "x", unit: "flight", challengerPercent: 50, maximumHours: 10, stopping: rule },
            ...{ metric: { name: "f1", better: "higher" }, question: { kind: "superiority", minimumEffect: 0.1 } },
          },
        },
        started: { at: `${isoDay(firstDay - 1)}T00:00:00Z` },
        ended: { at: `${isoDay(firstDay + 1)}T00:00:00Z`, outcome },
      }) as unknown as Experiment;
    const of = (one: Experiment) =>
      effectsOf(facts({ experiments: [one], kpis: [{ kpi: kpi!, series: { rows, since: undefined } }] }), asked)
        .results[0]!;
    const fixed = of(experiment({ rule: "fixed" }, "won"));
    assert.deepEqual([fixed.grade, fixed.verdict, fixed.preRegistered], ["A", "better", false]);
    const early = of(experiment({ rule: "always-valid", looks: 10 }, "won"));
    assert.match(early.estimate!.method, /holds at all times/);
    assert.ok(early.estimate!.high - early.estimate!.low > fixed.estimate!.high - fixed.estimate!.low);
  });

  it("are claimed less easily where many KPIs are asked about", () => {
    // A history in which chance alone looks like an effect, but only just.
    const seeds = Array.from({ length: 400 }, (_, seed) => seed);
    const lucky = seeds.find((seed) => {
      const { estimate, verdict } = effectsOf(
        facts({ kpis: [{ kpi: kpi!, series: { rows: daily(seed), since: undefined } }] }),
        asked,
      ).results[0]!;
      return verdict === "worse" && estimate!.pValue > 0.02;
    })!;
    const three = [daily(lucky), daily(11), daily(12)];
    const { results } = effectsOf(
      facts({
        kpis: [kpi!, second!, third!].map((one, index) => ({
          kpi: one,
          series: { rows: three[index]!, since: undefined },
        })),
      }),
      asked,
    );
    assert.equal(results[0]!.verdict, "open");
    assert.match(results[0]!.sentence, /Of 3 KPIs .* adjusted p/);
  });

  it("are worth what their KPIs say, or nothing is stated", () => {
    const effects = effectsOf(facts(), asked);
    const cost = { name: "training", amount: 10, coverage: 1, known: "billed", when: "once" } as const;
    const roi = worthOf(effects, [kpi!], { images: 100, days: 30 }, [cost]);
    assert.equal(roi.verdict, "stated");
    assert.match(roiText(roi), /above 0 with a chance of 100 %/);
    for (const [images, costs] of [
      [undefined, [cost]],
      [100, []],
    ] as const)
      assert.match(roiText(worthOf(effects, [kpi!], { images, days: 30 }, costs)), /^No return is stated/);
  });

  it("are of releases that went live, the newest first", () => {
    const releases = [release("r-a", 1, 1), release("r-b", 2, 2, { outcome: "failed" }), release("r-c", 3, 3)];
    assert.deepEqual(
      liveReleases(releases).map(({ releaseId }) => releaseId),
      ["r-c", "r-a"],
    );
  });
});

describe("values of KPIs", () => {
  const store = new MemoryStore();
  const places: KpiPlaces = {
    ...{ environment: "prod", endpoint: "detector", bucket: "artifacts", store, now: new Date("2026-11-22T08:00:00Z") },
    metrics: { points: async () => [{ time: new Date("2026-11-20T00:00:00Z"), value: 4 }] },
  };
  const of = (text: string) => readKpi(kpisOf([text])[0]!, places);

  it("are what was kept of labels with what was labelled since, a table, or a metric", async () => {
    const [labelled] = kpisOf(["a calls/image lower x feedback:wrong"]);
    const rows = [{ day: "2026-11-01", value: 7, unit: "f-0", arm: "champion" }];
    store.add(kpiRowsKey("a"), JSON.stringify({ version: 1, definition: labelled, since: "2026-10-01", rows }));
    const answer = (day: string) => ({
      ...{ id: `f-${day}/1`, flight: `f-${day}`, variant: "champion", sample: "random", right: 1, found: 3, true: 1 },
      ...{ answeredAt: `${day}T00:00:00Z`, labelledAt: `${day}T00:00:00Z` },
    });
    const answers = [answer("2026-11-21"), answer("2026-11-22")];
    const scores = { schema: "peregrine.scores/1", until: "2026-11-22T00:00:00Z", answers, flights: {} };
    store.add(scoresKey("detector"), JSON.stringify(scores));
    const read = await of("a calls/image lower x feedback:wrong");
    assert.deepEqual(
      [read.since, read.rows.map(({ day, value }) => [day, value])],
      [
        "2026-10-01",
        [
          ["2026-11-01", 7],
          ["2026-11-21", 2],
          ["2026-11-22", 2],
        ],
      ],
    );
    store.add(kpiTableKey("b"), "day,value\n2026-11-02,1\n");
    assert.deepEqual(await of("b calls/day lower x csv"), {
      rows: [{ day: "2026-11-02", value: 1 }],
      since: undefined,
    });
    const metric = await of("c calls/day lower x metric:Sum:N:M");
    assert.deepEqual(metric.rows, [{ day: "2026-11-20", value: 4 }]);
  });

  it("are refused with the place where they are damaged", async () => {
    store.add(kpiTableKey("b"), "day,value\nyesterday,1\n");
    await assert.rejects(
      of("b calls/day lower x csv"),
      (error) => error instanceof UserError && /b\.csv: line 2/.test(error.message),
    );
    store.add(kpiRowsKey("a"), "{}");
    await assert.rejects(of("a calls/image lower x feedback:wrong"), /What was kept of a is damaged/);
  });

  it("are of the catalogue as the stack's file or the engine has it", () => {
    const texts = ["a calls/image lower x feedback:wrong"];
    for (const kpis of [texts, JSON.stringify(texts)])
      assert.deepEqual(
        catalogueOf({ kpis }).map(({ name }) => name),
        ["a"],
      );
    assert.equal(catalogueOf({}).length, 2);
  });
});
