import assert from "node:assert/strict";
import type { MetricQuery } from "../../aws/cloudwatch";
import { monitoringMetric } from "../../contract/monitoring";
import { makeReport } from "../../functions/report";
import { keptReport } from "../../insight/report/kept";
import type { Report } from "../../insight/report/report";
import { ReportRecords } from "../../records/reports";
import { MemoryStore } from "../support/memory-store";

class Store extends MemoryStore {
  put({ key }: { key: string }, body: Buffer | string): Promise<void> {
    this.add(key, String(body));
    return Promise.resolve();
  }
}

class World {
  readonly store = new Store();
  readonly sent: { topicArn: string; subject: string; message: string }[] = [];
  readonly values: Record<string, number> = { [monitoringMetric.driftScore]: 1.5 };
  refuses: string | undefined;

  make(time: string): Promise<string> {
    return makeReport(
      { time },
      {
        kind: "week",
        subject: {
          environment: "prod",
          region: "eu-central-1",
          endpoint: "peregrine-prod-detector",
          bucket: "artifacts",
          objectives: {
            ...{ map50: 0.25, f1: 0.3, labelLagHours: 168 },
            ...{ latencyP90Ms: 800, errorPercent: 5, monthlyBudgetUsd: 4000 },
          },
          owners: { model: "detectors", serving: "detectors", platform: "vision-platform" },
          door: "https://door.example",
        },
        sources: {
          store: this.store,
          metrics: {
            pointsOfAll: async (queries: readonly MetricQuery[], _start: Date, end: Date) =>
              queries.map(({ name }) => {
                const value = this.values[name];
                return value === undefined ? [] : [{ time: new Date(end.getTime() - 3_600_000), value }];
              }),
          },
          alarms: {
            named: () =>
              this.refuses === "alarms"
                ? Promise.reject(Object.assign(new Error("not authorized"), { name: "AccessDenied" }))
                : Promise.resolve([{ AlarmName: "peregrine-prod-detector-errors", StateValue: "OK" }]),
          },
        },
        records: new ReportRecords(this.store, "artifacts"),
        topicArn: "arn:aws:sns:eu-central-1:111122223333:info",
        notifications: {
          publish: async (topicArn: string, subject: string, message: string) => {
            if (this.refuses === "sns") throw new Error("SNS does not answer");
            this.sent.push({ topicArn, subject, message });
            return "m-1";
          },
        },
        log: () => undefined,
      },
    );
  }

  report(stamp: string): Report {
    return this.store.json(`reports/prod/week/${stamp}/report.json`) as unknown as Report;
  }
}

describe("the scheduled report", () => {
  it("is kept as page, Markdown and JSON, and told with the verdict and a link to the page", async () => {
    const world = new World();
    assert.equal(await world.make("2026-11-30T06:00:00Z"), "s3://artifacts/reports/prod/week/20261130T060000Z/");
    assert.deepEqual([...world.store.objects.keys()].map((key) => key.split("/").at(-1)).sort(), [
      "report.html",
      "report.json",
      "report.md",
    ]);
    const [{ subject, message }] = world.sent as [(typeof world.sent)[number]];
    assert.match(subject, /^\[prod\] Report of the week: (red|amber|grey|green), \d+ targets? missed$/);
    assert.match(
      message,
      /https:\/\/eu-central-1\.console\.aws\.amazon\.com\/s3\/object\/artifacts\?region=eu-central-1&prefix=reports%2Fprod%2Fweek%2F20261130T060000Z%2Freport\.html/,
    );
    assert.match(message, /npx peregrine report --stack prod --period week --until 2026-11-30T06:00:00\.000Z/);
  });

  it("tells people once: whoever is called again for the same time does nothing", async () => {
    const world = new World();
    await world.make("2026-11-30T06:00:00Z");
    assert.match(await world.make("2026-11-30T06:00:00Z"), /was made before/);
    assert.equal(world.sent.length, 1);
  });

  it("is made again where people could not be told", async () => {
    const world = new World();
    world.refuses = "sns";
    await assert.rejects(world.make("2026-11-30T06:00:00Z"), /SNS does not answer/);
    world.refuses = undefined;
    await world.make("2026-11-30T06:00:00Z");
    assert.equal(world.sent.length, 1);
  });

  it("judges the recommendations of the week before", async () => {
    const world = new World();
    const escalation = {
      ...{ id: "a1", subject: "Drift", body: "b", severity: "warning", team: "detectors" },
      ...{ about: "peregrine-prod-detector", atMs: Date.UTC(2026, 10, 22), steps: 0, failed: [] },
    };
    world.store.add("watch/alerts/escalations.json", JSON.stringify({ version: 1, open: { a1: escalation } }));
    await world.make("2026-11-23T06:00:00Z");
    const first = keptReport.parse(world.report("20261123T060000Z"));
    assert.deepEqual(
      first.recommendations.map(({ rule }) => rule),
      ["alert-unattended"],
    );
    world.store.add(
      "watch/alerts/escalations.json",
      JSON.stringify({ version: 1, open: { a1: { ...escalation, acknowledged: { by: "ben", atMs: 1 } } } }),
    );
    await world.make("2026-11-30T06:00:00Z");
    assert.deepEqual(
      world.report("20261130T060000Z").fates.map(({ id, fate }) => `${id} ${fate}`),
      ["alert-unattended:prod:peregrine-prod-detector done"],
    );
  });

  it("names what its role may not read, and counts none of it as met", async () => {
    const world = new World();
    world.refuses = "alarms";
    await world.make("2026-11-30T06:00:00Z");
    const { unknowns, targets } = world.report("20261130T060000Z");
    const unread = unknowns.find((text) => text.startsWith("Not read: "))!;
    for (const part of ["price", "log", "packages", "serving", "alarms"])
      assert.ok(unread.includes(`${part} of prod: the reader's role may not`), unread);
    const state = (id: string) => targets.find((one) => one.id === id)!.state;
    assert.deepEqual(
      [state("budget:prod"), state("log:prod"), state("answers:prod")],
      ["unmeasured", "unmeasured", "met"],
    );
  });

  it("refuses an event that says no time", async () => {
    await assert.rejects(new World().make("tomorrow"));
  });
});
