import assert from "node:assert/strict";
import { BatchGetBuildsCommand, type Build, ListBuildsForProjectCommand } from "@aws-sdk/client-codebuild";
import type { ExperimentStatus } from "../../automation/experiment/status";
import { eventually } from "../support/eventually";
import { experimentFile } from "./experiment-file";
import { label } from "./experiment-labels";
import { ProjectCopy } from "./project-copy";
import { Registry } from "./registry";
import { promote } from "./staging";

const patienceMs = 10 * 60_000;
const buildProject = "peregrine-dev-release";

describe("experiments of those who may not release by hand", function () {
  this.slow(240_000);
  let project: ProjectCopy;
  let registry: Registry;
  let first: string;
  let second: string;
  let file: string;

  const json = async <Answer>(...args: string[]): Promise<Answer> =>
    JSON.parse((await project.succeed(process.execPath, "scripts/peregrine.cjs", ...args, "--json")).stdout) as Answer;
  const status = () => json<ExperimentStatus>("experiment", "status", "--stack", "staging");
  const request = (...args: string[]) =>
    project.peregrine("request", ...args, "--stack", "staging", "--profile", "ml-engineer-staging");

  /** The build that has a variable, once it has ended. */
  async function buildWith(name: string, value?: string): Promise<Record<string, string>> {
    const build = await eventually(async () => {
      const { ids = [] } = await registry.codebuild.send(
        new ListBuildsForProjectCommand({ projectName: buildProject }),
      );
      const all = ids.length === 0 ? [] : (await registry.codebuild.send(new BatchGetBuildsCommand({ ids }))).builds!;
      const found = all.find((one) =>
        value === undefined ? name in variablesOf(one) : variablesOf(one)[name] === value,
      );
      if (!found || found.buildStatus === "IN_PROGRESS")
        assert.fail(`builds: ${JSON.stringify(all.map((one) => [one.buildStatus, variablesOf(one)]))}`);
      return found;
    }, patienceMs);
    assert.equal(build.buildStatus, "SUCCEEDED", JSON.stringify(build.phases));
    return variablesOf(build);
  }

  before(async () => {
    project = await ProjectCopy.make({ releaseTargets: "staging" });
    registry = new Registry(project, await project.startCloud("--speed", "60", "--lags", "on"));
    const [archives] = await Promise.all([
      registry.archives({ first: undefined, second: 0.3 }),
      project.bringUp("dev", "staging"),
      registry.seedDataset(2),
    ]);
    // Both were live once, as their approvals had it; the newer one serves.
    second = await registry.register("second", archives.second);
    await buildWith("MODEL_PACKAGE_ARN", second);
    first = await registry.register("first", archives.first);
    await buildWith("MODEL_PACKAGE_ARN", first);
    file = experimentFile(project, { name: "by-builds", maximumHours: 480 });
  });
  after(() => project?.remove());

  it("begin and end by release builds: an ML engineer asks for one, and the controller for what follows", async () => {
    const sent = await request("experiment", second, file);
    assert.equal(sent.code, 0, sent.output);
    const { REQUESTED_BY, RELEASE_TARGETS } = await buildWith("START_EXPERIMENT");
    assert.match(REQUESTED_BY!, /^AROA\w+:/);
    assert.equal(RELEASE_TARGETS, "staging");
    const begun = await status();
    const { id, designed, started } = begun.experiment!;
    assert.equal(designed.challenger.modelPackageArn, second);
    assert.ok(started);
    // A release that is asked for meanwhile is refused by its build; the experiment goes on.
    const released = await project.peregrine(...promote(second));
    assert.match(released.output, /compares \S+ with its champion/);
    await label(registry, begun, { champion: 90, challenger: 20 });
    const ended = await buildWith("END_EXPERIMENT", id);
    assert.match(ended["REQUESTED_BY"]!, /^AROA\w+:peregrine-staging-look-at-experiment/);
    const over = await status();
    assert.deepEqual([over.experiment!.id, over.experiment!.ended!.outcome], [id, "lost"]);
    assert.equal(over.percent, 0);
  });
});

function variablesOf({ environment }: Build): Record<string, string> {
  return Object.fromEntries((environment?.environmentVariables ?? []).map(({ name, value }) => [name!, value!]));
}
