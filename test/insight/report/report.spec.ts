import assert from "node:assert/strict";
import { keptReport } from "../../../insight/report/kept";
import { reportJson } from "../../../insight/report/json";
import { reportMarkdown } from "../../../insight/report/markdown";
import { reportDocument } from "../../../insight/report/document";
import { reportOf } from "../../../insight/report/report";
import { missedOf, targetsOf } from "../../../insight/report/targets";
import { typed } from "../typed";
import { inProd, readAs, reportFacts, withMetric } from "./facts";
import { platform } from "../platform";

describe("the executive report", () => {
  it("puts a planted missed target first, with what is at stake, owner, date and a command that can be typed", async () => {
    const report = reportOf(reportFacts(inProd((one) => withMetric(one, { map50: [0.4, 0.4, 0.2] }))));
    const first = report.missed[0]!;
    assert.equal(first.id, "quality:prod");
    assert.deepEqual(
      [first.owner, first.due, first.found, first.wanted],
      ["detectors", "2026-12-07", "0.200", "at least 0.25"],
    );
    assert.ok("usd" in first.atStake && first.atStake.usd > 0);
    assert.match(first.atStake.how, /1 of 3 measured windows missed it/);
    await typed(first.command);
    const text = reportMarkdown(reportDocument(report, []));
    const [missed, numbers] = [text.indexOf("prod: mAP50 on labelled answers"), text.indexOf("## 3 Four numbers")];
    assert.ok(missed > 0 && missed < numbers);
  });

  it("ranks missed targets by money, and what has no price behind them unless it is critical", () => {
    const facts = reportFacts(
      inProd((one) => ({
        ...withMetric(one, { map50: [0.2], labelLagHours: [400], latencyP90: [90_000, 190_000] }),
        log: readAs({ ok: false, problems: ["the root is another"], size: 1, entries: [] }),
      })),
    );
    const missed = missedOf(targetsOf(facts)).map(({ id }) => id);
    assert.deepEqual(missed, ["log:prod", "quality:prod", "latency:prod", "label-lag:prod"]);
  });

  it("answers eight questions on its first page", () => {
    const { answers } = reportOf(reportFacts(inProd((one) => withMetric(one, { map50: [0.2] }))));
    assert.deepEqual(
      answers.map(({ question }) => question),
      [
        "How is it?",
        "How much money?",
        "What is the worst risk?",
        "What is done next?",
        "By whom?",
        "By when?",
        "What changed?",
        "How sure is it?",
      ],
    );
    const [verdict, money, risk, next, owner, due, changed, sure] = answers.map(({ answer }) => answer);
    assert.match(verdict!, /v4 serves staging, v4 serves prod; 1 of \d+ measured targets is missed/);
    assert.match(money!, /^Cost \$[\d.]+ in the period; value not known; net not known; at stake \$[\d.]+\.$/);
    assert.match(risk!, /mAP50 on labelled answers of prod is 0.200, wanted is at least 0.25/);
    assert.match(next!, /^Propose a retraining.*npx peregrine retrain propose/);
    assert.deepEqual([owner, due], ["detectors", "2026-12-07"]);
    assert.match(changed!, /changes of models|change of models/);
    assert.match(sure!, /\d+ of \d+ targets were measured; everything was read/);
  });

  it("is green where every measured target is met, and says which one is closest", () => {
    const { verdict, missed, recommendations } = reportOf(reportFacts());
    assert.deepEqual([verdict.light, missed, recommendations], ["green", [], []]);
    assert.match(verdict.wouldChange[0]!, /closest target is missed: .+ of .+ is .+, wanted is .+/);
  });

  it("is red where something critical is missed, and grey where nothing was measured", () => {
    const held = reportFacts(
      inProd((one) => ({ ...one, failover: readAs({ server: "hold", url: "u", switches: [] }) })),
    );
    assert.equal(reportOf(held).verdict.light, "red");
    const empty = reportFacts();
    const nothing = { ...empty, platform: { ...empty.platform, environments: [] } };
    const report = reportOf(nothing);
    assert.equal(report.verdict.light, "grey");
    assert.equal(report.verdict.sentence, "No model serves anywhere; no target was measured.");
  });

  it("gives no number that nobody knows: no price is no sum, no declared value is no net", () => {
    const facts = reportFacts({
      change: (one) => (one.name === "dev" ? { ...one, price: { unread: "no price" } } : one),
    });
    const report = reportOf(facts);
    assert.deepEqual(
      report.tiles.map(({ value }) => value),
      ["not known", "not known", "not known", "$0.00"],
    );
    assert.deepEqual(Object.keys(report.numbers), ["risk"]);
    assert.ok(report.unknowns.some((text) => text.startsWith("The value of the models is not known")));
  });

  it("tells what releases did to the business metrics, as far as that is known", () => {
    const { effects } = reportOf(reportFacts());
    assert.deepEqual(
      effects.map(({ change, environment, figure, unit, grade }) => [change, environment, figure, unit, grade]),
      [["v4", "prod", "false-calls", "calls/image", "C"]],
    );
    const { value, low, high } = effects[0]!.effect;
    assert.ok(low < value && value < high && high < 0);
  });

  it("takes value with its interval where somebody declared it, and what was billed", () => {
    const report = reportOf(
      reportFacts(
        {},
        {
          business: readAs({
            valueUsd: { value: 900, low: 700, high: 1100 },
            grade: "B",
            effects: [],
            assumptions: [],
          }),
          spend: readAs({ usd: 400, estimated: true, parts: [{ part: "serving", usd: 400 }] }),
        },
      ),
    );
    assert.deepEqual(
      report.tiles.map(({ value }) => value),
      ["$900.00 ($700.00 to $1,100.00)", "$400.00", "$500.00 ($300.00 to $700.00)", "$0.00"],
    );
    assert.equal(report.tiles[2]!.health, "good");
  });

  it("says what is other than in the report before, which it reads from that one's JSON", () => {
    const before = reportOf(reportFacts(inProd((one) => withMetric(one, { map50: [0.2] }))));
    const previous = keptReport.parse(JSON.parse(reportJson(before)));
    const { sinceLast, tiles } = reportOf(reportFacts({}, { previous }));
    assert.deepEqual(sinceLast, [
      "Since 2026-11-30: from amber to green.",
      "No longer missed: mAP50 on labelled answers of prod.",
    ]);
    assert.match(tiles[3]!.change, /^-\$[\d.]+ since 2026-11-30$/);
  });

  it("names everything that could not be read, and does not call it met", () => {
    const report = reportOf(
      reportFacts(inProd((one) => ({ ...one, metrics: { unread: "your role may not" }, log: { unread: "denied" } }))),
    );
    const states = report.targets
      .filter(({ environment }) => environment === "prod")
      .map(({ id, state }) => [id, state]);
    assert.deepEqual(
      states.filter(([, state]) => state === "met").map(([id]) => id),
      ["budget:prod", "answers:prod"],
    );
    assert.ok(report.unknowns.some((text) => text.includes("log of prod: denied")));
    assert.match(report.answers[7]!.answer, /2 places could not be read/);
  });

  it("keeps text from outside as text in Markdown", () => {
    const outside = (text: string) => `${text} <script>|[x](y)\n# z`;
    const facts = { ...reportFacts(), platform: platform({ outside }) };
    const text = reportMarkdown(reportDocument(reportOf(facts), []));
    assert.doesNotMatch(text, /(?<!\\)<script/);
    assert.doesNotMatch(text, /^# z/m);
    assert.doesNotMatch(text, /(?<!\\)\[x\\?\]\(/);
  });

  it("has commands that can all be typed", async () => {
    const report = reportOf({ ...reportFacts(), platform: platform() });
    assert.ok(report.recommendations.length > 0 && report.missed.length > 0);
    for (const { command } of [...report.missed, ...report.recommendations, ...report.targets]) await typed(command);
  });
});
