import assert from "node:assert/strict";
import {
  experimentIdOf,
  type ExperimentDesigned,
  type ExperimentRecord,
  InvalidExperimentRecord,
  listExperiments,
  openExperiment,
  recordExperiment,
} from "../../records/experiment";
import { Ledger } from "../../records/ledger";
import { MemoryStore } from "../support/memory-store";
import { releaseOf } from "../support/scope";

const id = "x-0123456789ab";
const at = "2026-11-29T12:00:00.000Z";
const common = { schema: "peregrine.experiment/1", environment: "prod", id, at } as const;
const modelOf = (digit: string) => {
  const { modelPackageArn, modelSha256, imageUri } = releaseOf(digit);
  return { modelPackageArn, modelSha256, imageUri };
};
const designed: ExperimentDesigned = {
  ...common,
  event: "designed",
  mode: "live",
  champion: modelOf("a"),
  challenger: modelOf("b"),
  design: { name: "one" },
  plan: { power: 0.8 },
};
const started: ExperimentRecord = { ...common, event: "started", endpointConfigName: "config" };
const ended: ExperimentRecord = { ...common, event: "ended", outcome: "lost", reasons: ["it is worse"] };

describe("experiments in the ledger", () => {
  const ledgerOf = (store = new MemoryStore()) => new Ledger(store, "bucket");

  it("are known by their entries, and each entry is written once however often it is asked for", async () => {
    const ledger = ledgerOf();
    for (const record of [designed, designed, started, started, designed, ended, ended])
      await recordExperiment(ledger, record, "arn:ada");
    assert.equal((await ledger.entries()).length, 3);
    const [experiment, ...others] = await listExperiments(ledger, "prod");
    assert.deepEqual(experiment, { id, designed, started, ended });
    assert.deepEqual(others, []);
    assert.deepEqual(await listExperiments(ledger, "staging"), []);
  });

  it("are open until they ended, and go through their events in order", async () => {
    const ledger = ledgerOf();
    for (const early of [started, ended])
      await assert.rejects(recordExperiment(ledger, early, "arn:ada"), InvalidExperimentRecord);
    await recordExperiment(ledger, designed, "arn:ada");
    assert.equal(openExperiment(await listExperiments(ledger, "prod"))?.id, id);
    // One that never came up is ended as well.
    await recordExperiment(ledger, { ...ended, outcome: "failed" }, "arn:ada");
    assert.equal(openExperiment(await listExperiments(ledger, "prod")), undefined);
    await assert.rejects(recordExperiment(ledger, started, "arn:ada"), InvalidExperimentRecord);
  });

  it("name everything that is wrong with a record, and write nothing", async () => {
    const ledger = ledgerOf();
    const wrong = { ...designed, id: "one", champion: { ...designed.champion, modelSha256: "abc" } };
    await assert.rejects(recordExperiment(ledger, wrong, "arn:ada"), (error: InvalidExperimentRecord) => {
      assert.equal(error.problems.length, 2);
      return true;
    });
    assert.deepEqual(await ledger.entries(), []);
  });

  it("keep their id until they end: the same question later is another experiment", () => {
    const models = { champion: modelOf("a"), challenger: modelOf("b") };
    const first = experimentIdOf("prod", models, { minimumEffect: 0.05 }, 0);
    assert.match(first, /^x-[0-9a-f]{12}$/);
    assert.equal(experimentIdOf("prod", models, { minimumEffect: 0.05 }, 0), first);
    const others = [
      experimentIdOf("prod", models, { minimumEffect: 0.05 }, 1),
      experimentIdOf("prod", models, { minimumEffect: 0.06 }, 0),
      experimentIdOf("staging", models, { minimumEffect: 0.05 }, 0),
      experimentIdOf("prod", { ...models, challenger: modelOf("c") }, { minimumEffect: 0.05 }, 0),
    ];
    assert.equal(new Set([first, ...others]).size, 5);
  });
});
