import assert from "node:assert/strict";
import fc from "fast-check";
import { attentionOf, quoted } from "../../insight/read-model/attention";
import { bucketsOf, latest, periodFor, seriesOf, total } from "../../insight/read-model/series";
import { sentenceOf, tilesOf } from "../../insight/read-model/summary";
import { lifeOf, versionsOf } from "../../insight/read-model/versions";
import { hoursAgo, packageArn, platform } from "./platform";
import { typed } from "./typed";

describe("the read model", () => {
  it("puts what is urgent first, and gives each item one command that can be typed", async () => {
    const items = attentionOf(platform());
    assert.deepEqual(
      items.map(({ severity, environment, action }) => `${severity} ${environment} ${action}`),
      [
        "critical staging See its remediation",
        "warning prod Acknowledge",
        "warning staging See the release",
        "warning staging Do what its alarm says",
        "info prod See the forecast",
        "info dev See the decision",
        "info dev Decide about it",
      ],
    );
    for (const { command } of items) await typed(command);
  });

  it("finds what does not fit: an endpoint that is not as wanted, a failed one, a held door, a missed target", () => {
    const facts = platform({
      change: (one) =>
        one.name !== "prod" || "unread" in one.metrics
          ? one
          : {
              ...one,
              serving: {
                value: { desired: { modelPackageArn: packageArn(4) }, converged: false },
                evidence: { what: "e" },
              },
              failover: { value: { server: "hold", url: "u", switches: [] }, evidence: { what: "f" } },
              log: {
                value: { ok: false, problems: ["the root is another"], size: 1, entries: [] },
                evidence: { what: "l" },
              },
              metrics: {
                ...one.metrics,
                value: { ...one.metrics.value, map50: seriesOf([{ time: new Date(hoursAgo(1)), value: 0.2 }], "q") },
              },
            },
    });
    const texts = attentionOf(facts)
      .filter(({ environment }) => environment === "prod")
      .map(({ what }) => what);
    assert.ok(texts.includes("A release is desired, and there is no endpoint."));
    assert.ok(texts.includes("Nobody answers: the front door holds images."));
    assert.ok(texts.includes("The log does not hold: the root is another."));
    assert.ok(texts.includes("Measured mAP50 of peregrine-prod-detector is 0.200, below its objective of 0.25."));
  });

  it("says in a sentence what serves and what needs somebody", () => {
    const facts = platform();
    assert.equal(
      sentenceOf(facts, attentionOf(facts)),
      "v4 serves staging, v4 serves prod; 1 thing needs you at once, 3 this working day, 3 wait for a decision.",
    );
    assert.equal(
      sentenceOf({ ...facts, environments: facts.environments.slice(0, 1) }, []),
      "No model serves anywhere yet; nothing needs you.",
    );
  });

  it("gives no sum of money where a part of it has no price", () => {
    const facts = platform({ change: (one) => (one.name === "dev" ? { ...one, price: { unread: "no price" } } : one) });
    const tile = tilesOf(facts, []).find(({ title }) => title === "Cost a month")!;
    assert.deepEqual([tile.value, tile.health], ["not known", "unknown"]);
  });

  it("watches quality that is above its objective while answers drift, and calls it well when they do not", () => {
    const quality = (drift: number) => {
      const facts = platform({
        change: (one) =>
          "unread" in one.metrics
            ? one
            : {
                ...one,
                metrics: {
                  ...one.metrics,
                  value: {
                    ...one.metrics.value,
                    drift: seriesOf([{ time: new Date(hoursAgo(1)), value: drift }], "q"),
                  },
                },
              },
      });
      return tilesOf(facts, []).find(({ title }) => title === "Quality in prod")!;
    };
    assert.deepEqual([quality(0.9).health, quality(1.2).health], ["good", "watch"]);
    assert.ok(quality(1.2).lines.includes("answers moved: drift score 1.20"));
  });

  it("knows of each version where it stands, by its newest attempt there", () => {
    const [pending, live, before] = versionsOf(platform());
    assert.equal(pending!.arn, packageArn(5));
    assert.deepEqual(
      pending!.stands.map(({ environment, state }) => `${environment} ${state}`),
      ["staging rolled-back"],
    );
    assert.deepEqual(
      live!.stands.map(({ environment, state }) => `${environment} ${state}`),
      ["staging live", "prod live"],
    );
    assert.deepEqual(
      before!.stands.map(({ state }) => state),
      ["was live", "was live"],
    );
  });

  it("tells a live release's life from its records", () => {
    const facts = platform();
    const steps = lifeOf(facts.environments[2]!, facts);
    assert.deepEqual(
      steps.map(({ step }) => step),
      ["trained", "evaluated", "tried", "approved", "rollout", "live"],
    );
    assert.ok(steps.every(({ at }) => at !== undefined));
    assert.deepEqual(lifeOf(facts.environments[0]!, facts), []);
  });

  it("keeps the extremes and the mean of values that a chart has no room for", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 500 }),
        (values) => {
          const series = seriesOf(
            values.map((value, index) => ({ time: new Date(1e12 + index * 60_000), value })),
            "q",
          );
          const buckets = bucketsOf(series, 40);
          assert.ok(buckets.length <= 40);
          assert.equal(Math.max(...buckets.map(({ high }) => high)), Math.max(...values));
          assert.equal(Math.min(...buckets.map(({ low }) => low)), Math.min(...values));
          assert.equal(latest(series)!.value, values.at(-1));
          assert.ok(Math.abs(total(series) - values.reduce((sum, value) => sum + value, 0)) < 1e-3);
          for (const { low, mean, high } of buckets) assert.ok(low - 1e-6 <= mean && mean <= high + 1e-6);
        },
      ),
    );
  });

  it("asks CloudWatch for a period that it has for the whole window", () => {
    const hour = 3_600_000;
    assert.equal(periodFor(10 * hour), 60);
    assert.equal(periodFor(4 * 24 * hour), 300);
    assert.equal(periodFor(30 * 24 * hour), 3600);
    assert.equal(periodFor(400 * 24 * hour), 86_400);
  });

  it("quotes what people and models wrote, so that a copied command does nothing else", () => {
    assert.equal(quoted("r-0123"), "r-0123");
    assert.equal(quoted("a; rm -rf /"), "'a; rm -rf /'");
    assert.equal(quoted("it's\n$(x)"), "'it'\\''s $(x)'");
  });
});
