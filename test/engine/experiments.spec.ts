import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { DescribeEndpointCommand } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import type { ExperimentStatus } from "../../automation/experiment/status";
import type { ExperimentMode } from "../../contract/desired-release";
import { servingAnswer } from "../../contract/serving-answer";
import type { ExperimentDesignInput } from "../../lifecycle/experiment/design";
import { eventually } from "../support/eventually";
import { experimentFile } from "./experiment-file";
import { label, type Labelled } from "./experiment-labels";
import type { ProjectCopy } from "./project-copy";
import { Runbook } from "./runbook";
import { endpoint, promote, rollback, Staging } from "./staging";

const patienceMs = 5 * 60_000;

describe("experiments, from their design to what follows from their verdict", function () {
  this.slow(240_000);
  let staging: Staging;
  let project: ProjectCopy;
  let first: string;
  let second: string;
  let runbook: Runbook;
  let secondAnswers: string[];

  const file = (name: string, changes: Partial<ExperimentDesignInput> = {}, mode?: ExperimentMode): string =>
    experimentFile(project, { name, maximumHours: 48, guardrails: [{ signal: "errors" }], ...changes }, mode);
  const start = (arn: string, path: string) =>
    project.peregrine("experiment", "start", arn, path, "--stack", "staging", "--golden-images", "2");
  const status = () => staging.json<ExperimentStatus>("experiment", "status", "--stack", "staging");
  /** Weights of the variants that serve. */
  const weights = async () => {
    const { ProductionVariants = [] } = await staging.registry.sagemaker.send(
      new DescribeEndpointCommand({ EndpointName: endpoint }),
    );
    return Object.fromEntries(
      ProductionVariants.map(({ VariantName, CurrentWeight }) => [VariantName!, CurrentWeight!]),
    );
  };

  const labelled = async (answers: Labelled) => label(staging.registry, await status(), answers);

  /** Who answers the dataset's images, by SageMaker's word, and how many objects it finds in each. */
  async function ask(): Promise<string[]> {
    const answers = staging.images.map(async (image) => {
      const { Body, InvokedProductionVariant } = await staging.registry.runtime.send(
        new InvokeEndpointCommand({ EndpointName: endpoint, ContentType: "image/jpeg", Body: readFileSync(image) }),
      );
      const { detections } = servingAnswer.parse(JSON.parse(Buffer.from(Body!).toString("utf8")));
      return `${InvokedProductionVariant} finds ${detections.length}`;
    });
    return Promise.all(answers);
  }

  before(async () => {
    staging = await Staging.up();
    project = staging.project;
    ({ first, second } = staging.packages);
    runbook = new Runbook(project, "docs/runbooks/experiment-void.md");
  });
  after(() => project?.remove());

  it("are refused with all that speaks against them, before anything is changed", async () => {
    const path = file("hopeless", { maximumHours: 0.01, challengerPercent: 1 });
    const refused = await start(first, path);
    assert.equal(refused.code, 1, refused.output);
    assert.match(refused.output, /No experiment was begun in staging:/);
    assert.match(refused.output, /within 0\.01 hours it finds/);
    assert.match(refused.output, /is what staging serves already/);
    const wrong = await start(second, file("wrong", { alpha: 2, metric: { name: "map50", better: "higher" } }));
    assert.match(wrong.output, /design\.alpha/);
    const planned = await project.peregrine("experiment", "plan", file("plan"), "--stack", "staging");
    assert.equal(planned.code, 0, planned.output);
    assert.match(planned.stdout, /^feasible: finds a difference of 0\.1[\s\S]*US dollars at most/);
    assert.deepEqual(await status(), { environment: "staging" });
  });

  it("take the traffic from a challenger that lost, and then the challenger", async () => {
    const begun = await start(second, file("lost"));
    assert.equal(begun.code, 0, begun.output);
    // A plain update in its middle changes nothing, wherever the weights are by then.
    await eventually(async () => assert.ok((await weights())["challenger"]! > 0), patienceMs);
    await staging.settled(first);
    const release = await project.peregrine(...promote(second));
    assert.equal(release.code, 1, release.output);
    assert.match(release.output, /compares \S+ with its champion \(experiment x-[0-9a-f]{12}[\s\S]*experiment stop/);
    await labelled({ champion: 90, challenger: 20 });
    await eventually(async () => assert.equal((await status()).ending?.outcome, "lost"), patienceMs);
    await eventually(async () => assert.equal((await weights())["challenger"], 0), patienceMs);
    const values = { ENVIRONMENT: "staging" };
    await runbook.run("npx peregrine experiment status", values);
    const stopped = await runbook.run("npx peregrine experiment stop", values);
    assert.match(stopped.stdout, /ended: lost, the challenger is worse/);
    assert.deepEqual(Object.keys(await weights()), ["champion"]);
    await staging.settled(first);
    const seen = await runbook.run("npx peregrine experiment status", values);
    assert.match(seen.stdout, /lost: the challenger is worse/);
    assert.deepEqual(runbook.left, []);
    const { experiment } = await status();
    assert.equal(experiment!.ended!.outcome, "lost");
    assert.match(experiment!.ended!.courseSha256!, /^[0-9a-f]{64}$/);
  });

  it("have a challenger that won released by the ordinary path, and are over then", async () => {
    const begun = await start(second, file("won"));
    assert.equal(begun.code, 0, begun.output);
    await labelled({ champion: 20, challenger: 90 });
    await eventually(async () => assert.equal((await status()).ending?.outcome, "won"), patienceMs);
    const released = await project.peregrine(...promote(second));
    assert.equal(released.code, 0, released.output);
    await staging.settled(second);
    assert.deepEqual(Object.keys(await weights()), ["champion"]);
    assert.equal((await status()).experiment!.ended!.outcome, "won");
    secondAnswers = await ask();
  });

  it("are ended by a rollback, which does not wait for a verdict, and the ledger says so", async () => {
    const begun = await start(first, file("rolled-back"));
    assert.equal(begun.code, 0, begun.output);
    await eventually(async () => assert.ok((await weights())["challenger"]! > 0), patienceMs);
    await staging.settled(second);
    const back = await project.peregrine(...rollback(first));
    assert.equal(back.code, 0, back.output);
    await staging.settled(first);
    assert.deepEqual(Object.keys(await weights()), ["champion"]);
    const { outcome, reasons } = (await status()).experiment!.ended!;
    assert.equal(outcome, "superseded");
    assert.match(reasons.join(), /^staging goes back to release r-[0-9a-f]{12}$/);
  });

  it("compare by a shadow whose answers nobody sees", async () => {
    const before = await ask();
    assert.notDeepEqual(before, secondAnswers, "both models answer the same: nothing would tell them apart");
    const begun = await start(second, file("shadow", {}, "shadow"));
    assert.equal(begun.code, 0, begun.output);
    await staging.settled(first);
    const { ProductionVariants = [], ShadowProductionVariants = [] } = await staging.registry.sagemaker.send(
      new DescribeEndpointCommand({ EndpointName: endpoint }),
    );
    const named = (variants: readonly { VariantName?: string }[]) => variants.map(({ VariantName }) => VariantName);
    assert.deepEqual([named(ProductionVariants), named(ShadowProductionVariants)], [["champion"], ["challenger"]]);
    for (let round = 0; round < 5; round += 1) assert.deepEqual(await ask(), before);
    // It answered copies all the same.
    await eventually(
      async () => assert.deepEqual((await status()).requests, { champion: 10, challenger: 10 }),
      patienceMs,
    );
    await labelled({ champion: 90, challenger: 20, shared: true });
    await eventually(async () => assert.equal((await status()).ending?.outcome, "lost"), patienceMs);
    const { experiment, percent } = await status();
    assert.deepEqual([experiment!.designed.mode, percent], ["shadow", 0]);
    const stopped = await project.peregrine("experiment", "stop", "--stack", "staging");
    assert.match(stopped.stdout, /ended: lost, the challenger is worse/);
    await staging.settled(first);
  });
});
