import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "../../../automation/project-dir";
import { keptReport, type KeptReport } from "../../../insight/report/kept";
import { reportJson } from "../../../insight/report/json";
import { reportOf } from "../../../insight/report/report";
import { recommendationRules } from "../../../insight/report/rules";
import { releaseId } from "../../../records/release";
import { packageArn, platform } from "../platform";
import { inProd, readAs, reportFacts, withMetric } from "./facts";

const low = inProd((one) => withMetric(one, { map50: [0.2] }));
const kept = (change: Partial<KeptReport["recommendations"][number]> = {}): KeptReport => {
  const report = keptReport.parse(JSON.parse(reportJson(reportOf(reportFacts(low)))));
  return { ...report, recommendations: report.recommendations.map((one) => ({ ...one, ...change })) };
};

describe("recommendations of a report", () => {
  it("come from rules that are files of their names, each with a spec", () => {
    const names = recommendationRules.map(({ name }) => name).sort();
    for (const [folder, ending] of [
      ["insight/report/rules", ".ts"],
      ["test/insight/report/rules", ".spec.ts"],
    ] as const)
      assert.deepEqual(
        readdirSync(join(projectDir, folder)).sort(),
        names.map((name) => `${name}${ending}`),
      );
  });

  it("are five at most, the urgent first, each with owner, due date, value or why there is none, cost and risk", () => {
    const { recommendations, more } = reportOf({ ...reportFacts(), platform: platform() });
    assert.equal(recommendations.length, 5);
    assert.ok(more > 0);
    assert.equal(recommendations[0]!.rule, "violation-open");
    for (const one of recommendations) {
      assert.ok(one.owner && one.cost && one.risk && one.why && one.evidence.length > 0, one.id);
      assert.match(one.due, /^\d{4}-\d\d-\d\d$/);
      assert.ok("usd" in one.value ? one.value.how : one.value.unknown);
    }
  });

  it("are open while the need is the same, keep their first date, and are overdue after the due one", () => {
    const previous = kept({ since: "2026-11-16", due: "2026-11-23" });
    const { recommendations, fates } = reportOf(reportFacts(low, { previous }));
    assert.deepEqual(
      recommendations.map(({ since, due, overdue }) => [since, due, overdue]),
      [["2026-11-16", "2026-11-23", true]],
    );
    assert.deepEqual(
      fates.map(({ fate, why }) => [fate, why]),
      [["open", "it was due on 2026-11-23"]],
    );
  });

  it("are done when what was read says that the need is gone", () => {
    const [fate] = reportOf(reportFacts({}, { previous: kept() })).fates;
    assert.equal(fate!.fate, "done");
    assert.match(fate!.why, /^no longer: measured mAP50 or F1/);
  });

  it("are overtaken when another version serves, or the environment is gone", () => {
    const [other] = reportOf(reportFacts({}, { previous: kept({ serving: "v3" }) })).fates;
    assert.deepEqual([other!.fate, other!.why], ["overtaken", "v4 serves prod now, v3 did then"]);
    const facts = reportFacts({}, { previous: kept() });
    const without = facts.platform.environments.filter(({ name }) => name !== "prod");
    const [gone] = reportOf({ ...facts, platform: { ...facts.platform, environments: without } }).fates;
    assert.deepEqual([gone!.fate, gone!.why], ["overtaken", "prod is not up any more"]);
  });

  it("are of unknown fate where what they rest on could not be read", () => {
    const facts = reportFacts(
      inProd((one) => ({ ...one, metrics: { unread: "denied" } })),
      { previous: kept() },
    );
    const [fate] = reportOf(facts).fates;
    assert.deepEqual([fate!.fate, fate!.why], ["not known", "metrics could not be read"]);
  });

  it("are the same in the next report as long as the release is", () => {
    const failed = {
      modelPackageArn: packageArn(5),
      modelSha256: "ab".repeat(32),
      imageUri: "image:1",
    };
    const facts = reportFacts(
      inProd((one) => {
        const live = "unread" in one.releases ? [] : one.releases.value;
        const last = live.at(-1)!;
        return {
          ...one,
          releases: readAs([
            ...live,
            { ...last, ...failed, releaseId: releaseId(failed), outcome: "failed" as const, reasons: ["no capacity"] },
          ]),
        };
      }),
    );
    const ids = () => reportOf(facts).recommendations.map(({ id }) => id);
    assert.deepEqual(ids(), [`release-went-wrong:prod:${releaseId(failed)}`]);
    assert.deepEqual(ids(), ids());
  });
});
