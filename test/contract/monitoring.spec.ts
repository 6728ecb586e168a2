import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { platformSource } from "../../contract/events";
import { answerLabel, groundTruthLine } from "../../contract/labels";
import {
  alertDetail,
  baselineFiles,
  baselineFolder,
  baselinePrefix,
  driftDetail,
  labelsPrefix,
  monitoringMetric,
  monitoringPart,
  qualityDetail,
  reportFiles,
  retrainingProposal,
  summariesPrefix,
  watchEvent,
} from "../../contract/monitoring";

const ml = join(__dirname, "..", "..", "ml");

/** Constants of a Python file: `NAME = "text"` and `NAME = f"{OTHER}text"`. */
function constants(file: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, form, text] of readFileSync(file, "utf8").matchAll(/^([A-Z0-9_]+) = (f?)"([^"]*)"$/gm))
    found.set(name!, form ? text!.replace(/\{(\w+)\}/g, (_, other: string) => found.get(other) ?? "?") : text!);
  return found;
}

describe("what monitoring and those who hear of it agree on", () => {
  const by = { by: "reviewer", at: "2026-11-29T12:00:00Z" };

  it("takes true boxes or verdicts about an answer, never both", () => {
    const boxes = [{ class: "tree", box: [1, 2, 3, 4] }];
    assert(answerLabel.safeParse({ boxes, ...by }).success);
    assert(answerLabel.safeParse({ verdicts: [{ detection: 0, verdict: "wrong" }], ...by }).success);
    assert(!answerLabel.safeParse({ boxes, verdicts: [], ...by }).success);
    assert(!answerLabel.safeParse({ boxes: [{ class: "tree", box: [1, 2, 3] }], ...by }).success);
  });

  it("takes and refuses what the monitoring's container takes and refuses", () => {
    const file = join(__dirname, "..", "..", "ml", "tests", "labels.json");
    const cases = JSON.parse(readFileSync(file, "utf8")) as Record<
      "right" | "wrong",
      { what: string; data: unknown }[]
    >;
    for (const { what, data } of cases.right) assert(answerLabel.safeParse(data).success, what);
    for (const { what, data } of cases.wrong) assert(!answerLabel.safeParse(data).success, what);
  });

  it("keeps a label in a line of Model Monitor's ground truth", () => {
    const line = {
      groundTruthData: { data: JSON.stringify({ boxes: [], ...by }), encoding: "JSON" },
      eventMetadata: { eventId: "flight-7/0001" },
      eventVersion: "0",
    };
    assert(groundTruthLine.safeParse(line).success);
    assert(!groundTruthLine.safeParse({ ...line, eventVersion: "1" }).success);
  });

  it("tells drift with what people need to act", () => {
    const told = {
      severity: "warning",
      message: "Fog: sharpness fell.",
      area: "model",
      cause: "drift",
      window: { start: "2026-11-29T11:00:00Z", end: "2026-11-29T12:00:00Z" },
      records: 120,
      score: 1.8,
      features: [{ name: "blur", effect: -2.1 }],
      examples: ["flight-7/0001"],
    };
    assert(driftDetail.safeParse(told).success);
    assert(!driftDetail.safeParse({ ...told, cause: "Drift!" }).success);
  });

  it("proposes a retraining with a key that makes it one, however often it comes", () => {
    const proposal = {
      trigger: "forecast",
      key: "forecast/peregrine-prod-detector/Map50/2026-11-29",
      reason: "mAP50 is expected to fall below 0.3 in 9 days",
    };
    assert.deepEqual(retrainingProposal.parse(proposal), { ...proposal, shortfall: null, classes: [], slices: [] });
    assert(!retrainingProposal.safeParse({ ...proposal, key: "two words" }).success);
    assert(!retrainingProposal.safeParse({ ...proposal, shortfall: 2 }).success);
  });

  it("calls everything by the names that the containers write", () => {
    const written = constants(join(ml, "peregrine_ml", "monitoring", "names.py"));
    const named = new Set(written.values());
    const agreed = [
      ...Object.values(monitoringMetric),
      ...Object.values(monitoringPart),
      ...Object.values(reportFiles),
      ...baselineFiles,
      ...[watchEvent.drift, watchEvent.quality, watchEvent.unwatched],
      platformSource("model"),
      summariesPrefix,
    ];
    assert.deepEqual(
      agreed.filter((name) => !named.has(name)),
      [],
    );
    assert.equal(`${written.get("BASELINES")}x/`, baselinePrefix("x"));
    assert.equal(`${written.get("LABELS")}x/`, labelsPrefix("x"));
    assert.equal(`${written.get("BASELINE_FOLDER")}/`, baselineFolder);
  });

  it("takes the notices that the containers send", () => {
    const details: Record<string, typeof alertDetail> = {
      [watchEvent.drift]: driftDetail,
      [watchEvent.quality]: qualityDetail,
    };
    const sent = JSON.parse(readFileSync(join(ml, "tests", "notices.json"), "utf8")) as {
      kind: string;
      detail: unknown;
    }[];
    assert.equal(sent.length, 3);
    for (const { kind, detail } of sent) (details[kind] ?? alertDetail).parse(detail);
  });
});
