import assert from "node:assert/strict";
import { DescribeEndpointCommand } from "@aws-sdk/client-sagemaker";
import type { ExperimentStatus } from "../../automation/experiment/status";
import { experimentFile } from "./experiment-file";
import type { ProjectCopy } from "./project-copy";
import { endpoint, Staging } from "./staging";

describe("experiments that are killed", function () {
  this.slow(120_000);
  let staging: Staging;
  let project: ProjectCopy;
  let first: string;
  let start: string[];
  const stop = ["experiment", "stop", "--stack", "staging"];

  const status = () => staging.json<ExperimentStatus>("experiment", "status", "--stack", "staging");
  const describe = () => staging.registry.sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpoint }));
  const variants = async () => ((await describe()).ProductionVariants ?? []).map(({ VariantName }) => VariantName);
  const updating = async () => (await describe()).EndpointStatus === "Updating";

  /** The same command again and again, killed a write later each time, until it ends by itself. @returns how often. */
  async function killedAfterEachWrite(...command: string[]): Promise<number> {
    for (let write = 1; ; write += 1) {
      const finished = await project.killAfterWrite(write, ...command);
      if (!finished) continue;
      assert.equal(finished.code, 0, finished.output);
      return write - 1;
    }
  }

  before(async () => {
    staging = await Staging.up();
    project = staging.project;
    first = staging.packages.first;
    // Nobody labels anything here: it runs until somebody ends it.
    const file = experimentFile(project, { name: "interrupted", maximumHours: 1000 });
    const { second } = staging.packages;
    start = ["experiment", "start", second, file, "--stack", "staging", "--golden-images", "2"];
  });
  after(() => project?.remove());

  it("begin after kill -9 after each write of their start: the same command finishes the job, and says so once more", async () => {
    const kills = await killedAfterEachWrite(...start);
    assert.ok(kills >= 6, `killed ${kills} times only`);
    const { experiment } = await status();
    assert.ok(experiment!.started && !experiment!.ended, JSON.stringify(experiment));
    assert.deepEqual(await variants(), ["champion", "challenger"]);
    await staging.settled(first);
    const again = await project.peregrine(...start);
    assert.equal(again.code, 0, again.output);
    assert.match(
      again.stdout,
      new RegExp(`experiment ${experiment!.id} runs on ${experiment!.started.endpointConfigName}`),
    );
  });

  it("end after kill -9 after each write of their end", async () => {
    const { experiment } = await status();
    const kills = await killedAfterEachWrite(...stop);
    assert.ok(kills >= 4, `killed ${kills} times only`);
    const { experiment: over } = await status();
    assert.deepEqual([over!.id, over!.ended!.outcome], [experiment!.id, "stopped"]);
    assert.deepEqual(await variants(), ["champion"]);
    await staging.settled(first);
  });

  it("begin and end after kill -9 of the command and its engine while SageMaker updates the endpoint", async () => {
    for (const [command, wanted] of [
      [start, ["champion", "challenger"]],
      [stop, ["champion"]],
    ] as const) {
      await project.killWhen(updating, ...command);
      const finished = await project.peregrine(...command);
      assert.equal(finished.code, 0, finished.output);
      assert.deepEqual(await variants(), wanted);
      await staging.settled(first);
    }
    const { experiment } = await status();
    assert.equal(experiment!.ended!.outcome, "stopped");
  });
});
