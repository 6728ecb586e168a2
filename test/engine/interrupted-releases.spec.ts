import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DescribeEndpointCommand } from "@aws-sdk/client-sagemaker";
import { endpoint, promote, rollback, Staging } from "./staging";
import type { ProjectCopy } from "./project-copy";
import { datasetBucket } from "../support/dataset";

describe("releases that are killed", function () {
  this.slow(60_000);
  let staging: Staging;
  let project: ProjectCopy;
  let first: string;
  let second: string;
  let blind: string;

  before(async () => {
    staging = await Staging.up();
    project = staging.project;
    ({ first, second, blind } = staging.packages);
  });
  after(() => project?.remove());

  // Each step is announced before it begins. What is killed in one of them is taken up by the next command, which is
  // killed a step later: whatever a command finds half done it has to finish, what it took up from another included.
  const steps = [
    /copying the model archive/,
    /updating the environment/,
    /testing the endpoint/,
    /removing what no release needs/,
  ] as const;

  it("go on after kill -9 of a promotion in each of its steps: the same command finishes the job", async () => {
    for (const step of [/checking the model package/, ...steps]) await project.killAt(step, true, ...promote(second));
    const finished = await project.peregrine(...promote(second));
    assert.equal(finished.code, 0, finished.output);
    await staging.settled(second);
  });

  it("go on after kill -9 of a rollback in each of its steps", async () => {
    // A rollback has no package to check.
    for (const step of steps) await project.killAt(step, true, ...rollback(first));
    const finished = await project.peregrine(...rollback(first));
    assert.equal(finished.code, 0, finished.output);
    await staging.settled(first);
  });

  it("go on after kill -9 of a promotion while the engine goes on by itself", async () => {
    await project.killAt(/updating the environment/, false, ...promote(second));
    const finished = await project.peregrine(...promote(second));
    assert.equal(finished.code, 0, finished.output);
    await staging.settled(second);
  });

  it("go on after kill -9 of the command and its engine while SageMaker updates the endpoint", async () => {
    const { sagemaker } = staging.registry;
    const updating = async () =>
      (await sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpoint }))).EndpointStatus === "Updating";
    await project.killWhen(updating, ...promote(first));
    const finished = await project.peregrine(...promote(first));
    assert.equal(finished.code, 0, finished.output);
    await staging.settled(first);
  });

  it("go on putting back after kill -9 while a failed release is being put back", async () => {
    await project.killAt(/putting the previous release back/, true, ...promote(blind));
    const finished = await project.peregrine(...promote(blind));
    assert.equal(finished.code, 1, finished.output);
    assert.match(finished.output, /had failed before the command was killed: .*nothing found where/s);
    await staging.settled(first);
  });

  it("are finished by another command as well: a rollback follows a promotion that was killed", async () => {
    await project.killAt(/testing the endpoint/, true, ...promote(second));
    const back = await project.peregrine(...rollback(first));
    assert.equal(back.code, 0, back.output);
    await staging.settled(first);
    const [now, killed] = await staging.releases();
    assert.deepEqual(
      [now!.kind, now!.outcome, killed!.outcome, killed!.reasons],
      ["rollback", "live", "failed", ["the command was killed, and another one followed"]],
    );
  });

  it("leave nothing when a teardown was killed and run again", async () => {
    for (const line of [/deleting model packages/, /destroying the stack/, /deleting kept models/])
      await project.killAt(line, true, "teardown", "--stack", "staging", "--yes");
    const torn = await project.peregrine("teardown", "--stack", "staging,dev", "--yes");
    assert.equal(torn.code, 0, torn.output);
    const kept = join(project.folder, "kept");
    const dossiers = readdirSync(kept, { recursive: true, encoding: "utf8" }).filter((name) =>
      /^staging-\w+.dossiers.staging.r-\w+.dossier\.json$/.test(name),
    );
    assert.ok(dossiers.length > 0, "of what served in staging, although the registry had to wait");
    for (const name of dossiers) {
      const { score } = JSON.parse(readFileSync(join(kept, name), "utf8")) as { score: { filled: number } };
      assert.ok(score.filled > 25, `${name}: ${score.filled}`);
    }
    const { inventory } = await staging.json<{ inventory: string[] }>("local", "status");
    assert.deepEqual(
      inventory.filter((arn) => !arn.includes(datasetBucket)),
      [],
    );
    assert.equal(await project.changes(), "");
  });
});
