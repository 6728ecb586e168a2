import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DescribeEndpointCommand } from "@aws-sdk/client-sagemaker";
import type { ExperimentStatus } from "../../automation/experiment/status";
import { type ScoresDocument, scoresKey } from "../../contract/experiment";
import type { ExperimentDesignInput } from "../../lifecycle/experiment/design";
import { eventually } from "../support/eventually";
import type { ProjectCopy } from "./project-copy";
import { Runbook } from "./runbook";
import { artifacts, endpoint, promote, Staging } from "./staging";

const patienceMs = 5 * 60_000;
const design: ExperimentDesignInput = {
  name: "less-sure",
  unit: "request",
  challengerPercent: 50,
  metric: { name: "f1", better: "higher" },
  question: { kind: "superiority", minimumEffect: 0.1 },
  stopping: { rule: "group-sequential", looks: 5 },
  maximumHours: 48,
  guardrails: [{ signal: "errors" }],
};
const traffic = { requestsPerSecond: 1, flightSize: 1, correlation: 0, deviation: 0.25, labelledShare: 0.5 };

describe("experiments, from their design to what follows from their verdict", function () {
  this.slow(240_000);
  let staging: Staging;
  let project: ProjectCopy;
  let first: string;
  let second: string;
  let runbook: Runbook;

  const file = (name: string, changes: object = {}): string => {
    const path = join(project.folder, ".peregrine", `${name}.json`);
    writeFileSync(path, JSON.stringify({ design: { ...design, ...changes }, traffic }));
    return path;
  };
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

  /** What monitoring writes of labelled answers: of a hundred images of each model, so many are wholly right. */
  async function label(champion: number, challenger: number): Promise<void> {
    const { experiment } = await status();
    const begun = Date.parse(experiment!.started!.at);
    const iso = (seconds: number) => new Date(begun + seconds * 1000).toISOString();
    const answers = (variant: string, good: number) =>
      Array.from({ length: 100 }, (_, index) => ({
        id: `${variant}/${index}`,
        flight: variant,
        variant,
        answeredAt: iso(1 + index),
        labelledAt: iso(60 + index),
        sample: "random",
        right: (index * 37) % 100 < good ? 2 : 1,
        found: 2,
        true: 2,
      }));
    const scores: ScoresDocument = {
      schema: "peregrine.scores/1",
      until: iso(3600),
      answers: [...answers("champion", champion), ...answers("challenger", challenger)],
      flights: {},
    };
    await staging.registry.put(artifacts, scoresKey(endpoint), JSON.stringify(scores));
  }

  before(async () => {
    staging = await Staging.up();
    project = staging.project;
    ({ first, second } = staging.packages);
    runbook = new Runbook(project, "docs/runbooks/experiment-void.md");
    await project.succeed("pulumi", "config", "set", "peregrine:experimentEveryMinutes", "5", "--stack", "staging");
    await project.commit("Experiments in staging");
    const up = await project.pulumi("up", "--stack", "staging", "--yes", "--skip-preview", "--policy-pack", "policies");
    assert.equal(up.code, 0, up.output);
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
    await label(90, 20);
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
    await label(20, 90);
    await eventually(async () => assert.equal((await status()).ending?.outcome, "won"), patienceMs);
    const released = await project.peregrine(...promote(second));
    assert.equal(released.code, 0, released.output);
    await staging.settled(second);
    assert.deepEqual(Object.keys(await weights()), ["champion"]);
    assert.equal((await status()).experiment!.ended!.outcome, "won");
  });
});
