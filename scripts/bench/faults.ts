import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Metrics } from "../../aws/cloudwatch";
import { SageMaker } from "../../aws/sagemaker";
import { callerIdentity } from "../../aws/sts";
import type { GoldenImage } from "../../automation/release/golden/images";
import type { RolloutResult } from "../../automation/release/rollout/rollout";
import { runTraining } from "../../automation/release/train";
import type { ServerFile } from "../../local/main";
import { addFault, clearFaults, listFaults } from "../commands/local-fault";
import { seedWeights } from "../dataset";
import { Traffic } from "../traffic";
import { cells, type Outcome, type Row, rowOf, summarise } from "./fault-table";
import type { Recorder } from "./figures";
import { lastRelease, problemsAtRest } from "./release-state";
import { type Scenario, scenarios } from "./scenarios";
import { Stage } from "./stage";
import { Watch } from "./watch";

const requestsPerSecond = 20;
/** Right answers for so long count as restored. */
const calmMs = 3_000;
/** Longer than any fault of a live release lasts. */
const timeoutMs = 60_000;

/**
 * Plants each fault under traffic and holds what comes of it against what must.
 * @param only a pattern of scenarios' names.
 */
export async function benchFaults(record: Recorder, server: ServerFile, speed: number, only = ""): Promise<void> {
  const stage = await Stage.make(server);
  await seedWeights(stage.dev.session, stage.outputs.dev.artifactsBucket);
  await stage.promote(await stage.register("a"));
  const candidate = await stage.register("b", "a");
  const { endpointConfigName } = await stage.promote(candidate);
  const bench = new FaultBench(stage, await stage.rollback(), candidate, endpointConfigName);
  const rows: Row[] = [];
  for (const scenario of scenarios.filter(({ name }) => new RegExp(only).test(name))) {
    console.log(`${scenario.name} ...`);
    const row = await bench.run(scenario);
    rows.push(row);
    console.log(`  ${cells(row, speed).slice(1).join("; ")}`);
    for (const problem of row.problems) console.log(`  NOT MET: ${problem}`);
  }
  summarise(record, rows, speed, requestsPerSecond);
}

class FaultBench {
  private tiles: readonly GoldenImage[] | undefined;

  /**
   * @param live the release that each scenario begins with.
   * @param candidate ARN of the package that is to follow it, and the name of its configuration.
   */
  constructor(
    private readonly stage: Stage,
    private readonly live: RolloutResult,
    private readonly candidate: string,
    private readonly candidateConfig: string,
  ) {}

  async run(scenario: Scenario): Promise<Row> {
    const { stage, live } = this;
    const { prod, endpoint, server } = stage;
    const watch = new Watch();
    this.tiles ??= await stage.tilesWithDetections();
    const candidate = scenario.does === "release" && scenario.fresh ? await stage.register("c", "a") : this.candidate;
    const traffic = new Traffic(prod.session, endpoint, this.tiles, watch.observe);
    traffic.start(requestsPerSecond);
    await delay(1_000);
    const fault = await addFault(
      scenario.fault({ endpoint, live: live.endpointConfigName, candidate: this.candidateConfig }),
      server.stateDir,
    );
    const strike = this.strikeOf(fault.id);
    const outcome = await this.act(scenario, candidate, watch);
    // Nobody waits for an end where there is no command: it is over when traffic is right again.
    const ended = (scenario.does === "serve" ? watch.sight.restoredMs : undefined) ?? performance.now();
    const struck = await strike.stop();
    if ((await listFaults(server.stateDir)).length > 0) await clearFaults([], server.stateDir);
    await delay(calmMs);
    await traffic.stop();
    const rest = await problemsAtRest(prod, stage.outputs.prod, outcome.released ?? live);
    const problems = [
      ...(struck === undefined ? ["the fault never struck"] : []),
      ...(await this.expected(scenario, candidate, outcome, watch)),
      ...rest,
    ];
    // The next scenario begins where this one did.
    if (outcome.released) await stage.rollback();
    return rowOf(scenario, outcome, watch.sight, (ended - (struck ?? ended)) / 1000, problems);
  }

  private act(scenario: Scenario, candidate: string, watch: Watch): Promise<Outcome> {
    switch (scenario.does) {
      case "release":
        return this.release(candidate);
      case "serve":
        return this.serve(watch);
      case "train":
        return this.train();
    }
  }

  private async release(candidate: string): Promise<Outcome> {
    try {
      return { detected: false, verdict: "live", released: await this.stage.promote(candidate) };
    } catch (error) {
      return failed(error);
    }
  }

  /** Nobody commands anything: the live release meets the fault, and the alarm must tell. */
  private async serve(watch: Watch): Promise<Outcome> {
    const { session } = this.stage.prod;
    const { at } = await callerIdentity(session);
    const alarm = `${this.stage.endpoint}-errors`;
    const began = performance.now();
    while (watch.sight.wrong === 0 || !watch.wellSince(performance.now() - calmMs)) {
      if (performance.now() - began > timeoutMs) break;
      await delay(100);
    }
    const reasons = await new Metrics(session).alarmReasons(alarm, at);
    return {
      detected: reasons.length > 0,
      verdict: reasons.length > 0 ? "alarm errors" : "no alarm",
      reason: reasons[0],
    };
  }

  private async train(): Promise<Outcome> {
    const { dev, outputs } = this.stage;
    const { pipelineName, modelPackageGroup } = outputs.dev;
    const packages = async () => (await new SageMaker(dev.session).listModelPackages(modelPackageGroup)).length;
    const before = await packages();
    try {
      await runTraining(
        { ...dev.session, profile: "ml-engineer" },
        pipelineName,
        {},
        `bench-${randomUUID()}`,
        () => {},
      );
      return { detected: false, verdict: "succeeded" };
    } catch (error) {
      const added = (await packages()) - before;
      return added === 0 ? failed(error) : { detected: false, verdict: `${added} packages registered` };
    }
  }

  /** What did not come as it must. */
  private async expected(
    scenario: Scenario,
    candidate: string,
    { detected, verdict, reason }: Outcome,
    { sight }: Watch,
  ): Promise<string[]> {
    const wanted =
      scenario.does === "serve"
        ? "alarm errors"
        : scenario.does === "train"
          ? "UserError"
          : (scenario.verdict ?? "live");
    const problems =
      verdict === wanted ? [] : [`the verdict is ${verdict}, not ${wanted}${reason ? `: ${reason}` : ""}`];
    if (detected !== (wanted !== "live"))
      problems.push(detected ? "it was taken for a failure" : "it was not detected");
    if (!scenario.wrongAnswers && sight.wrong > 0) problems.push(`clients got wrong answers: ${sight.kinds}`);
    if (scenario.wrongAnswers && sight.wrong === 0) problems.push("no client met the fault");
    if (sight.wrong > 0 && sight.restoredMs === undefined) problems.push("traffic was not restored");
    if (scenario.does !== "release") return problems;
    if (scenario.by && !reason?.includes(scenario.by))
      problems.push(`it was not the alarm ${scenario.by} that took it back${reason ? `: ${reason}` : ""}`);
    const record = await lastRelease(this.stage.prod, this.stage.outputs.prod);
    const outcome = wanted === "live" ? ["live"] : ["rolled-back", "failed"];
    if (record?.modelPackageArn !== candidate || !outcome.includes(record.outcome))
      problems.push(`the ledger's last release is ${record?.modelPackageArn}, ${record?.outcome}`);
    return problems;
  }

  /** Looks for the first strike of a fault. */
  private strikeOf(id: string): { stop(): Promise<number | undefined> } {
    let ended = false;
    const first = (async () => {
      while (!ended) {
        const found = (await listFaults(this.stage.server.stateDir)).find((fault) => fault.id === id);
        // One that is spent is gone.
        if (!found || found.hits > 0) return performance.now();
        await delay(50);
      }
      return undefined;
    })();
    return { stop: () => ((ended = true), first) };
  }
}

function failed(error: unknown): Outcome {
  const { name, message } = error as Error;
  return { detected: true, verdict: name, reason: message.split("\n").slice(0, 2).join(" ").slice(0, 300) };
}
