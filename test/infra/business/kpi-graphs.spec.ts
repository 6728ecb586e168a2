import assert from "node:assert/strict";
import { kpiGraphs } from "../../../infra/business/kpi-graphs";
import { kpisOf } from "../../../infra/settings/business";
import { built } from "../../support/build";
import { releaseOf } from "../../support/scope";

const subject = {
  ...{ environment: "prod", region: "eu-central-1", endpointName: "detector", variant: "champion" },
  kpis: kpisOf([
    "false-calls calls/image lower inspection feedback:wrong target=0.2",
    "revisits visits/day lower field metric:Sum:Inspection:Revisits:Site=north",
  ]),
};
type Properties = { metrics: unknown[][]; annotations: { vertical?: object[]; horizontal?: object[] }; start: string };

describe("graphs of business metrics", () => {
  it("show each beside the model's F1, with its target and a line at each deployment", () => {
    const deployments = [{ at: "2026-11-29T00:00:00Z", label: "version 7" }];
    const graphs = kpiGraphs(subject, 21, deployments);
    const [own, others] = graphs.map(({ properties }) => properties as unknown as Properties) as [
      Properties,
      Properties,
    ];
    assert.deepEqual(own.metrics, [
      ["Peregrine/prod/business", "false-calls", "EndpointName", "detector", { stat: "Average", label: "false-calls" }],
      [
        ...["Peregrine/prod/monitoring", "F1", "EndpointName", "detector", "VariantName", "champion"],
        { stat: "Average", label: "F1 of the model", yAxis: "right" },
      ],
    ]);
    assert.deepEqual(own.annotations, {
      horizontal: [{ label: "target", value: 0.2 }],
      vertical: [{ label: "version 7", value: "2026-11-29T00:00:00Z" }],
    });
    assert.deepEqual(others.metrics[0], [
      "Inspection",
      "Revisits",
      "Site",
      "north",
      { stat: "Sum", label: "revisits" },
    ]);
    assert.deepEqual(
      [own.start, graphs.map(({ x, y }) => [x, y])],
      [
        "-P90D",
        [
          [0, 21],
          [8, 21],
        ],
      ],
    );
  });

  it("are marked on the endpoint's dashboard, which each release writes", async () => {
    const release = { ...releaseOf("a"), kept: [{ ...releaseOf("b"), promotedAt: "2026-11-01T00:00:00Z" }] };
    const { recorder } = await built("prod", {}, { "/peregrine/prod/release": JSON.stringify(release) });
    const body = JSON.parse(
      recorder.one("aws:cloudwatch/dashboard:Dashboard", "peregrine-prod-detector-dashboard").inputs["dashboardBody"],
    ) as { widgets: { properties: Partial<Properties> }[] };
    const marks = body.widgets.flatMap(({ properties }) => properties.annotations?.vertical ?? []);
    assert.equal(marks.length, 2 * 2);
    assert.deepEqual(
      marks.slice(0, 2).map((mark) => (mark as { value: string }).value),
      [release.promotedAt, "2026-11-01T00:00:00Z"],
    );
  });
});
