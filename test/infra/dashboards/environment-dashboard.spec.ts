import assert from "node:assert/strict";
import { metrics, type Namespace } from "../../../infra/dashboards/metrics";
import { built } from "../../support/build";
import { releaseOf } from "../../support/scope";

interface Widget {
  type: string;
  x: number;
  y: number;
  width: number;
  height: number;
  properties: { title?: string; region?: string; metrics?: unknown[][]; alarms?: string[] };
}

async function widgetsOf(stack: string, released = true): Promise<Widget[]> {
  const { recorder } = await built(
    stack,
    {},
    released ? { [`/peregrine/${stack}/release`]: JSON.stringify(releaseOf()) } : {},
  );
  return JSON.parse(
    recorder.one("aws:cloudwatch/dashboard:Dashboard", `peregrine-${stack}-dashboards-environment`).inputs[
      "dashboardBody"
    ],
  ).widgets;
}

describe("the environment's dashboard", () => {
  it("names only metrics that AWS publishes, under the dimensions it publishes them under", async () => {
    for (const stack of ["dev", "prod"]) {
      const lines = (await widgetsOf(stack))
        .flatMap(({ properties }) => properties.metrics ?? [])
        // What the platform publishes itself: `test/infra/business/kpi-graphs.spec.ts`.
        .filter(([namespace]) => !String(namespace).startsWith("Peregrine/"));
      assert.ok(lines.length >= 15);
      for (const [namespace, name, ...rest] of lines) {
        const known = metrics[namespace as Namespace];
        assert.ok((known?.names as readonly string[]).includes(name as string), `${namespace} ${name}`);
        const dimensions = rest.filter((one, index) => typeof one === "string" && index % 2 === 0);
        assert.deepEqual(dimensions, known.dimensions);
      }
    }
  });

  it("shows pipelines, endpoint, lost events, functions, builds, cost, business metrics and the standing alarms", async () => {
    const dev = await widgetsOf("dev");
    assert.deepEqual(
      dev.filter(({ type }) => type === "metric").map(({ properties }) => properties.title),
      [
        "Pipeline runs",
        "Requests",
        "Latency of the model, microseconds",
        "Events that were not delivered",
        "Functions",
        "Builds",
        "Cost of the account this month, USD",
        "false-calls, calls/image (lower is better)",
        "missed-objects, objects/image (lower is better)",
      ],
    );
    assert.equal(
      dev.find(({ type }) => type === "alarm")!.properties.alarms!.length,
      2,
      "those of lost events and of untold alerts",
    );
  });

  it("is the same with and without a release, whose build may not change it", async () => {
    assert.deepEqual(await widgetsOf("prod"), await widgetsOf("prod", false));
  });

  it("names this environment's things and no other's", async () => {
    const text = JSON.stringify(await widgetsOf("prod"));
    assert.doesNotMatch(text, /peregrine-(dev|staging)/);
    assert.match(text, /peregrine-prod-training/);
  });

  it("looks for costs where they are", async () => {
    for (const { properties } of await widgetsOf("prod"))
      if (properties.metrics)
        assert.equal(properties.region, properties.metrics[0]![0] === "AWS/Billing" ? "us-east-1" : "eu-central-1");
  });

  it("has no widgets on top of each other", async () => {
    const widgets = await widgetsOf("dev");
    for (const a of widgets)
      for (const b of widgets)
        if (a !== b)
          assert.ok(
            a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y,
            JSON.stringify([a, b]),
          );
  });
});
