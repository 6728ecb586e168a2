import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { environments } from "../../contract/environments";
import { scopesOf } from "../../automation/roles/paths/search";
import { contradictions, grantedRights } from "../../scripts/rights/compare";
import { recordedUse, type Used } from "../../scripts/rights/used";
import type { Summary } from "../../scripts/rehearsal/summary";
import { makeTemporaryFolder } from "../support/temporary-folder";

const project = resolve(__dirname, "../..");

describe("npm start", function () {
  // The command as a whole, which blocks this process: half an hour is no clock for it on a busy machine.
  this.timeout(60 * 60_000);
  const folder = makeTemporaryFolder("rehearsal");
  after(() => rmSync(folder, { recursive: true }));
  let summary: Summary;
  let treeBefore: string;

  before(() => {
    treeBefore = workingTree();
    const file = join(folder, "summary.json");
    const run = spawnSync("npm", ["start", "--silent", "--", "--summary", file], { cwd: project, encoding: "utf8" });
    const end = (text: string): string => text.split("\n").slice(-60).join("\n");
    assert.equal(run.status, 0, `npm start failed:\n${end(run.stdout)}\n${end(run.stderr)}`);
    summary = JSON.parse(readFileSync(file, "utf8")) as Summary;
  });

  const facts = (title: RegExp) => {
    const step = summary.steps.find(({ name }) => title.test(name));
    assert(step, `no step ${title}`);
    return step.facts;
  };

  it("rehearses a model's whole life", () => {
    assert.equal(summary.ok, true);
    assert(summary.steps.length >= 18, `only ${summary.steps.length} steps`);
    assert(summary.steps.every((step) => step.ok));
  });

  it("says what production costs a month, most of it the endpoint", () => {
    const { monthlyUsd, endpointUsd } = facts(/Price production/) as {
      monthlyUsd: number;
      endpointUsd: number;
    };
    assert(endpointUsd > 1000 && monthlyUsd > endpointUsd, `${monthlyUsd}, endpoint ${endpointUsd}`);
  });

  it("reads the bill so far by tags: what trainings were billed is what their hours cost, within 1 %", () => {
    const bill = facts(/bill so far/);
    const [billed, used] = [Number(bill["trainings billed, USD"]), Number(bill["trainings by their hours, USD"])];
    assert.ok(billed > 0 && Math.abs(billed - used) <= 0.01 + 0.01 * used, `billed ${billed}, used ${used}`);
    assert.ok(Number(bill["paid in prod, USD"]) > 0);
  });

  it("tells at its end whoever decides, with the dearest missed target first", () => {
    const { page, verdict, missed, first } = facts(/executive report/);
    assert.match(String(page), /report\.html$/);
    assert(["red", "amber", "green"].includes(String(verdict)), `the verdict is ${verdict}`);
    assert.equal(Number(missed) > 0, first !== undefined);
  });

  it("serves every request", () => {
    assert(summary.requests.sent >= 200, `only ${summary.requests.sent} requests`);
    assert.equal(summary.requests.failed, 0);
  });

  it("trains a model that finds something, and one that is better", () => {
    const [first, second] = summary.models.map(({ map50 }) => map50);
    assert(first! > 0.3, `mAP50 is ${first}`);
    assert(second! > first!, `mAP50 is ${first}, then ${second}`);
  });

  it("tries each model in staging before anybody decides about it", () => {
    for (const trained of [facts(/^Train /), facts(/a retraining start by itself/)])
      assert.match(
        String(trained["trial"]),
        new RegExp(`^release ${trained["staging"]} on peregrine-staging-detector, 2 golden images`),
      );
  });

  it("alarms nobody about quiet traffic or another camera, and tells the team about fog within two windows", () => {
    const quiet = facts(/quiet traffic/);
    const harmless = facts(/another camera's traffic/);
    const fog = facts(/Notice fog/);
    for (const [score, records] of [
      [quiet["quiet score"], quiet["quiet records"]],
      [harmless["harmless score"], harmless["harmless records"]],
    ]) {
      assert(Number(score) < 1, `score ${score}`);
      assert(Number(records) >= 20, `only ${records} records were judged`);
    }
    assert(Number(fog["score"]) >= 1 && Number(fog["windows"]) <= 2, JSON.stringify(fog));
    assert(Number(fog["told after cloud minutes"]) <= 120, JSON.stringify(fog));
    assert.match(String(fog["moved"]), /[a-z]/);
  });

  it("tells staging's team of night within two windows, and its retraining waits as well", () => {
    const night = facts(/notice night in staging/);
    assert(Number(night["night score"]) >= 1 && Number(night["night windows"]) <= 2, JSON.stringify(night));
    assert(Number(night["night told after cloud minutes"]) <= 120, JSON.stringify(night));
    assert.match(String(night["night moved"]), /luminance/);
    assert.equal(night["night verdict"], "wait");
  });

  it("has answers labelled, and measures quality on them, of slices in metrics as well", () => {
    const { "labels taken": taken, "delivered by": by } = facts(/people label answers/);
    const measured = facts(/Notice fog/);
    assert(Number(taken) >= 40, `only ${taken} labels`);
    assert.match(String(by), /ml-engineer/);
    assert.equal(measured["labelled"], taken);
    assert(Number(measured["labelled share"]) > 0 && Number(measured["labelled share"]) <= 1, JSON.stringify(measured));
    assert(Number(measured["mAP50 on labels"]) > 0.1, JSON.stringify(measured));
    const [slice] = Object.keys(measured).filter((name) => name.startsWith("mAP50 on labels, "));
    assert(Number(measured[slice!]) > 0, JSON.stringify(measured));
  });

  it("warns of disks that fill up, with what came of the warning before", () => {
    const warned = facts(/Notice fog/);
    assert.match(String(warned["forecast"]), /^disk will-breach/);
    assert.match(String(warned["score of earlier ones"]), /^1 of 1 judged warnings about it came true/);
    assert.match(String(warned["warned"]), /on its way to its limit/);
    assert.equal(warned["with the score"], true);
  });

  it("waits with the retraining until fog is labelled, then retrains once, and the candidate is better in fog", () => {
    assert.equal(facts(/Notice fog/)["verdict"], "wait");
    const retrained = facts(/a retraining start by itself/);
    // Whichever of the two looks first after the delivery.
    assert.match(String(retrained["trigger"]), /^(new-data|schedule)$/);
    assert(Number(retrained["after"]) > Number(retrained["mAP50 in fog before"]), JSON.stringify(retrained));
  });

  it("ends one experiment as lost, by labels that came late, and takes the challenger's traffic and then the challenger", () => {
    assert.match(String(facts(/an approved model begins to be compared/)["experiment"]), /^x-[0-9a-f]{12}$/);
    const lost = facts(/challenger loses/);
    assert.match(String(lost["lost"]), /^the challenger is worse: precision differs by -0\.\d+/);
    assert(Number(lost["labelled"]) >= 100, JSON.stringify(lost));
    assert(Number(lost["challenger's share, per cent"]) <= 25, JSON.stringify(lost));
    assert.equal(lost["weight after"], 0);
    assert.equal(facts(/the loser is taken away/)["ended in the ledger"], "lost");
  });

  it("calls one void whose client named its model, and takes it away", () => {
    const faulty = facts(/makes an experiment there void/);
    assert.match(String(faulty["void"]), /^the split is not the intended one/);
    assert.equal(faulty["ended in the ledger"], "void");
  });

  it("releases the winner of one by itself, through the gate", () => {
    const won = facts(/the lower threshold wins/);
    assert.match(String(won["won"]), /^the challenger is better: f1 differs by \+0\.\d+/);
    assert(Number(won["labelled"]) >= 100, JSON.stringify(won));
    const promoted = facts(/the winner released to staging by itself/);
    assert.equal(promoted["ended in the ledger"], "won");
    assert.match(String(promoted["promoted by itself"]), /^r-[0-9a-f]{12}$/);
  });

  it("takes back what fails, each for its own reason", () => {
    assert.match(String(facts(/finds nothing/)["blind reason"]), /nothing found where \d+ objects are expected/);
    const failing = facts(/fails in prod's canary/);
    assert.equal(failing["failing by"], "rollout-errors");
    assert.match(String(failing["noticed"]), /SageMaker took the update back\. No alarm of the deployment fired/);
    const asked = facts(/as an ML engineer asks/);
    assert.match(String(asked["back"]), /\/1$/);
    assert.match(String(asked["package"]), /\/1$/);
    assert.match(String(asked["staging"]), /^r-[0-9a-f]{12}$/);
  });

  it("holds images while what serves is killed, tells the team, answers each of them later, and goes back", () => {
    const failover = facts(/behind prod's front door/);
    assert.equal(failover["lost"], 0);
    assert(Number(failover["held"]) > 0, JSON.stringify(failover));
    assert.equal(failover["answered later"], failover["held"]);
    assert.equal(failover["back"], "champion");
    assert(Number(failover["told after cloud minutes"]) <= 120, JSON.stringify(failover));
  });

  it("tells the engineers that a training crashed, and leaves what serves", () => {
    const crashed = facts(/a training crashed/);
    assert.match(String(crashed["crash told"]), /TrainDetector/);
    assert.equal(crashed["prod unchanged"], true);
  });

  it("releases nothing that was edited after its approval, and knows who decided and who touched", () => {
    const { decidedBy, touchedBy, stillServed } = facts(/edited after its approval/);
    assert.match(String(decidedBy), /./);
    assert.deepEqual([touchedBy, stillServed], ["user/ab", "yes"]);
  });

  it("leaves nothing behind and asks for nothing that is not there", () => {
    assert.equal(summary.leftovers, 0);
    assert.equal(summary.unimplemented, 0);
  });

  it("uses no right that is granted nowhere, and leaves none that is neither used nor justified", () => {
    const fresh = JSON.parse(
      readFileSync(join(project, ".peregrine", "rehearsal", "report", "rights-used.json"), "utf8"),
    ) as Used;
    assert.deepEqual(contradictions(grantedRights(scopesOf(environments)), fresh, recordedUse()), []);
  });

  it("leaves the working tree as it was", () => {
    assert.equal(workingTree(), treeBefore);
  });

  it("writes a report with pictures", () => {
    const report = readFileSync(join(project, ".peregrine", "rehearsal", "report", "summary.html"), "utf8");
    assert.match(report, /<figure>/);
    assert(existsSync(join(project, ".peregrine", "rehearsal", "report", "profile.html")));
  });
});

function workingTree(): string {
  return execFileSync("git", ["status", "--porcelain"], { cwd: project, encoding: "utf8" });
}
