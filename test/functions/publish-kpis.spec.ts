import assert from "node:assert/strict";
import type { MetricValue } from "../../aws/cloudwatch";
import { type ScoresDocument, scoresKey } from "../../contract/experiment";
import { type KpiDefinition, kpiRowsKey, type KpiRowsDocument, kpiTableKey } from "../../contract/kpi";
import { publishKpis } from "../../functions/publish-kpis";
import { MemoryStore } from "../support/memory-store";

const endpoint = "peregrine-prod-detector";
const kpi = (name: string, source: KpiDefinition["source"], per: KpiDefinition["per"] = "image"): KpiDefinition => ({
  ...{ name, unit: "calls", per, better: "lower", owner: "inspection", source },
});
const wrong = kpi("false-calls", { kind: "feedback", measure: "wrong" });
const repairs = kpi("repairs", { kind: "csv" }, "day");
const other = kpi(
  "revisits",
  { kind: "metric", statistic: "Sum", namespace: "Inspection", metric: "Revisits", dimensions: {} },
  "day",
);

/** Answers of a flight on a day of November, with so many wrong detections each. */
const flight = (day: number, wrongs: readonly number[]): ScoresDocument["answers"] =>
  wrongs.map((count, index) => ({
    ...{ id: `f-${day}/${index}`, flight: `f-${day}`, variant: "champion", sample: "random", right: 1, true: 1 },
    answeredAt: `2026-11-${String(day).padStart(2, "0")}T10:00:00Z`,
    labelledAt: `2026-11-${String(day).padStart(2, "0")}T12:00:00Z`,
    found: 1 + count,
  }));

class World {
  readonly store = new MemoryStore();
  readonly sent: (MetricValue & { namespace: string })[] = [];
  readonly lines: string[] = [];
  kpis: readonly KpiDefinition[] = [wrong];

  scores(answers: ScoresDocument["answers"]): void {
    const body = { schema: "peregrine.scores/1", until: "2026-11-30T00:00:00Z", answers, flights: {} };
    this.store.add(scoresKey(endpoint), JSON.stringify(body));
  }

  publish(day: number): Promise<string> {
    return publishKpis(
      { time: `2026-11-${day}T05:00:00Z` },
      {
        ...{ environment: "prod", endpoint, bucket: "artifacts", kpis: this.kpis, settleDays: 1 },
        objects: this.store,
        metrics: {
          publishAll: async (namespace, values) =>
            void this.sent.push(...values.map((value) => ({ ...value, namespace }))),
        },
        log: (line) => void this.lines.push(line),
      },
    );
  }

  kept(name: string): KpiRowsDocument {
    return JSON.parse(this.store.objects.get(kpiRowsKey(name))!.body.toString("utf8")) as KpiRowsDocument;
  }

  get values(): [string, number][] {
    return this.sent.map(({ time, value }) => [time.toISOString(), value]);
  }
}

describe("publishing business metrics", () => {
  it("publishes days whose labels have come, each once, and keeps what their source forgets", async () => {
    const world = new World();
    world.scores([...flight(20, [0, 1, 2]), ...flight(21, [4]), ...flight(22, [9])]);
    assert.equal(await world.publish(23), "false-calls 2 days");
    assert.deepEqual(world.values, [
      ["2026-11-20T12:00:00.000Z", 1],
      ["2026-11-21T12:00:00.000Z", 4],
    ]);
    const { namespace, dimensions, name } = world.sent[0]!;
    assert.deepEqual(
      [namespace, name, dimensions],
      ["Peregrine/prod/business", "false-calls", { EndpointName: endpoint }],
    );
    // Later the scores forget the first days, and a label of a published day comes late.
    world.scores([...flight(21, [4, 0]), ...flight(22, [9])]);
    assert.equal(await world.publish(24), "false-calls 1 days");
    assert.deepEqual(world.values.at(-1), ["2026-11-22T12:00:00.000Z", 9]);
    const { rows, since, published } = world.kept("false-calls");
    assert.deepEqual([since, published], ["2026-11-23", "2026-11-22"]);
    assert.deepEqual(
      rows.map(({ day, value, weight }) => [day, value, weight]),
      [
        ["2026-11-20", 1, 3],
        ["2026-11-21", 2, 2],
        ["2026-11-22", 9, 1],
      ],
    );
    assert.equal(await world.publish(24), "false-calls 0 days");
  });

  it("publishes what the champion answered, and keeps what a challenger did for whoever compares them", async () => {
    const world = new World();
    world.scores([...flight(20, [1]), ...flight(20, [9]).map((one) => ({ ...one, variant: "challenger" }))]);
    await world.publish(23);
    assert.deepEqual(world.values, [["2026-11-20T12:00:00.000Z", 1]]);
    assert.deepEqual(
      world.kept("false-calls").rows.map(({ arm }) => arm),
      ["challenger", "champion"],
    );
  });

  it("notes since when a KPI is defined as it is, that of others' metrics as well", async () => {
    const world = new World();
    world.kpis = [other];
    assert.equal(await world.publish(10), "revisits 0 days");
    await world.publish(11);
    assert.equal(world.kept("revisits").since, "2026-11-10");
    world.kpis = [{ ...other, target: 3 }];
    await world.publish(12);
    assert.deepEqual([world.kept("revisits").since, world.kept("revisits").rows], ["2026-11-12", []]);
  });

  it("publishes the business's table, tells of days that came too late, and keeps no copy", async () => {
    const world = new World();
    world.kpis = [repairs];
    world.store.add(kpiTableKey("repairs"), "day,value\n2026-11-01,1\n2026-11-20,7\n2026-11-21,8\n");
    assert.equal(await world.publish(21), "repairs 1 days");
    assert.deepEqual(world.values, [["2026-11-20T12:00:00.000Z", 7]]);
    assert.match(world.lines.join("\n"), /1 days of repairs came too late for CloudWatch/);
    assert.deepEqual(world.kept("repairs").rows, []);
  });

  it("tells of one that cannot be read, and goes on with the others", async () => {
    const world = new World();
    world.kpis = [repairs, wrong];
    world.store.add(kpiTableKey("repairs"), "day,value\n2026-11-01,many\n");
    world.scores(flight(20, [1]));
    assert.equal(await world.publish(23), "false-calls 1 days");
    assert.match(
      world.lines.join("\n"),
      /could not be published: repairs: s3:\/\/artifacts\/business\/repairs.csv: line 2/,
    );
    world.kpis = [repairs];
    await assert.rejects(world.publish(24), /nothing was published: repairs/);
  });

  it("makes anew what is damaged, and does nothing where there are no KPIs", async () => {
    const world = new World();
    world.store.add(kpiRowsKey("false-calls"), "{");
    world.scores(flight(20, [1]));
    assert.equal(await world.publish(23), "false-calls 1 days");
    assert.match(world.lines.join("\n"), /is damaged, and is made anew/);
    world.kpis = [];
    assert.equal(await world.publish(24), "");
  });
});
