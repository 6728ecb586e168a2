import assert from "node:assert/strict";
import { type Dependencies, lookAtExperiment } from "../../functions/look-at-experiment";
import { alertDetail, watchEvent } from "../../contract/monitoring";
import {
  askedKey,
  courseKey,
  endingDocument,
  endingKey,
  type ScoredAnswer,
  scoresKey,
} from "../../contract/experiment";
import type { LogLine } from "../../aws/logs";
import { releaseRequest } from "../../contract/release-request";
import type { ExperimentDesignInput } from "../../lifecycle/experiment/design";
import { Ledger } from "../../records/ledger";
import { type ExperimentDesigned, recordExperiment } from "../../records/experiment";
import { MemoryStore } from "../support/memory-store";
import { releaseOf } from "../support/scope";

const id = "x-0123456789ab";
const endpoint = "peregrine-prod-detector";
const minuteMs = 60_000;
const startedAt = Date.parse("2026-11-29T12:00:00Z");
const iso = (ms: number) => new Date(ms).toISOString();
const modelOf = (digit: string) => {
  const { modelPackageArn, modelSha256, imageUri } = releaseOf(digit);
  return { modelPackageArn, modelSha256, imageUri };
};
const design: ExperimentDesignInput = {
  name: "night-flights",
  unit: "request",
  challengerPercent: 50,
  metric: { name: "f1", better: "higher" },
  question: { kind: "superiority", minimumEffect: 0.05 },
  stopping: { rule: "group-sequential", looks: 10 },
  maximumHours: 24,
  guardrails: [{ signal: "errors" }, { signal: "slow" }, { signal: "empty" }],
};

/** How the models do. */
interface Truth {
  /** Of each model, the share of its images that it gets wholly right; the others are half right. */
  readonly right: Readonly<Record<"champion" | "challenger", number>>;
  /** Of 100 requests of the challenger. */
  readonly errors: number;
  /** Of 100 answers of the challenger. */
  readonly empty: number;
  /** Added to the challenger's share, per cent of all. */
  readonly stray: number;
  readonly labels: boolean;
}
const equal: Truth = { right: { champion: 0.5, challenger: 0.5 }, errors: 0, empty: 0, stray: 0, labels: true };

/** Where a controller is killed: before or after its n-th write. */
interface Kill {
  readonly at: number;
  readonly done: boolean;
}
class Killed extends Error {}

/** An endpoint with traffic, a bucket, a queue and a bus; everything that is written to can be the last thing done. */
class World {
  readonly store = new MemoryStore();
  readonly requests: string[] = [];
  readonly told: { type: string; detail: Record<string, unknown> }[] = [];
  /** Share of the challenger from a time on, per cent. */
  readonly shares: { from: number; percent: number }[] = [{ from: 0, percent: 0 }];
  configName = "config-of-experiment";
  challenger = true;
  now = startedAt;
  writes = 0;

  constructor(
    private readonly truth: Truth,
    private readonly mode: "live" | "shadow" = "live",
    private readonly kill?: Kill,
  ) {}

  async begin(changes: Partial<ExperimentDesignInput> = {}): Promise<this> {
    const ledger = new Ledger(this.store, "artifacts");
    const common = { schema: "peregrine.experiment/1", environment: "prod", id, at: iso(startedAt) } as const;
    const designed: ExperimentDesigned = {
      ...common,
      event: "designed",
      mode: this.mode,
      champion: modelOf("a"),
      challenger: modelOf("b"),
      design: JSON.parse(JSON.stringify({ ...design, ...changes })) as ExperimentDesigned["design"],
      plan: {},
    };
    await recordExperiment(ledger, designed, "arn:ada");
    await recordExperiment(ledger, { ...common, event: "started", endpointConfigName: this.configName }, "arn:ada");
    return this;
  }

  get percent(): number {
    return this.shares.at(-1)!.percent;
  }

  get dependencies(): Dependencies {
    const write = async <T>(act: () => T | Promise<T>): Promise<T> => {
      this.writes += 1;
      const dies = this.kill?.at === this.writes;
      if (dies && !this.kill?.done) throw new Killed();
      const done = await act();
      if (dies) throw new Killed();
      return done;
    };
    const { store } = this;
    return {
      environment: "prod",
      endpoint,
      bucket: "artifacts",
      latencyMs: 2000,
      ledger: new Ledger(store, "artifacts"),
      store: {
        get: (place) => store.get(place),
        getWithTag: (place) => store.getWithTag(place),
        putIf: (place, body, condition) => write(() => store.putIf(place, body, condition)),
      },
      endpoints: {
        describeEndpoint: async () => this.described(),
        setWeights: (_name, { champion, challenger }) =>
          write(() => {
            assert.equal(champion! + challenger!, 100);
            this.shares.push({ from: this.now, percent: challenger! });
          }),
      },
      metrics: {
        points: async ({ name, dimensions }, from, to) =>
          this.minutes(name, dimensions["VariantName"]!, from, to).map((value, index) => ({
            time: new Date(from.getTime() + index * minuteMs),
            value,
          })),
      },
      logs: { linesBetween: async (_group, { streams, from, to }) => this.said(streams, from, to) },
      queues: {
        send: (queue, body) =>
          write(() => {
            assert.equal(queue, "peregrine-requests-prod");
            return `request-${this.requests.push(body)}`;
          }),
      },
      bus: { put: (_source, type, detail) => write(() => void this.told.push({ type, detail: { ...detail } })) },
      log: () => undefined,
    };
  }

  private described(): Awaited<ReturnType<Dependencies["endpoints"]["describeEndpoint"]>> {
    const shadow = this.mode === "shadow";
    const variant = (VariantName: string, DesiredWeight: number) => ({ VariantName, DesiredWeight });
    return {
      EndpointName: endpoint,
      EndpointArn: "arn:endpoint",
      EndpointConfigName: this.configName,
      EndpointStatus: "InService",
      CreationTime: new Date(0),
      LastModifiedTime: new Date(this.shares.at(-1)!.from || startedAt),
      ProductionVariants: [
        variant("champion", shadow ? 1 : 100 - this.percent),
        ...(this.challenger && !shadow ? [variant("challenger", this.percent)] : []),
      ],
      ...(shadow && this.challenger ? { ShadowProductionVariants: [variant("challenger", 1)] } : {}),
    };
  }

  /** A hundred requests a minute. */
  private minutes(metric: string, variant: string, from: Date, to: Date): number[] {
    const values: number[] = [];
    for (let at = from.getTime(); at < to.getTime(); at += minuteMs) {
      const share = this.shares.findLast((one) => one.from <= at)!.percent;
      const stray = share > 0 ? this.truth.stray : 0;
      const challenger = this.mode === "shadow" ? 100 : share + stray;
      const requests = variant === "challenger" ? challenger : this.mode === "shadow" ? 100 : 100 - challenger;
      if (metric === "Invocations") values.push(requests);
      else if (metric === "Invocation5XXErrors" && variant === "challenger")
        values.push(Math.round((requests * this.truth.errors) / 100));
      else values.push(0);
    }
    return values;
  }

  /** Each container says every minute what its answers were like. */
  private said(streams: string, from: Date, to: Date): LogLine[] {
    const variant = streams.replace(/\/$/, "");
    return this.minutes("Invocations", variant, from, to).map((answers, index) => {
      const empty = variant === "challenger" ? Math.round((answers * this.truth.empty) / 100) : 0;
      const tally = { event: "answered", answers, empty, unsure: 0, package: `arn:${variant}` };
      return {
        stream: `${streams}i-1`,
        at: new Date(from.getTime() + index * minuteMs + 1000),
        text: JSON.stringify(tally),
      };
    });
  }

  /** Monitoring runs every hour: one answer of each model a minute is labelled, ten minutes after it was given. */
  private monitor(): void {
    const until = Math.floor(this.now / (60 * minuteMs)) * 60 * minuteMs;
    const answers: ScoredAnswer[] = [];
    for (let at = startedAt; this.truth.labels && at + 10 * minuteMs <= until; at += minuteMs) {
      const index = (at - startedAt) / minuteMs;
      for (const variant of ["champion", "challenger"] as const) {
        const right = (index * 0.618) % 1 < this.truth.right[variant] ? 2 : 1;
        answers.push({
          id: this.mode === "shadow" ? `f/${index}` : `f${variant}/${index}`,
          flight: this.mode === "shadow" ? "f" : `f${variant}`,
          variant,
          answeredAt: iso(at),
          labelledAt: iso(at + 10 * minuteMs),
          sample: "random",
          right,
          found: 2,
          true: 2,
        });
      }
    }
    const document = { schema: "peregrine.scores/1", until: iso(until), answers, flights: {} };
    this.store.add(scoresKey(endpoint), JSON.stringify(document));
  }

  /** Looks every ten minutes until it ended and everything that follows was done. @returns the number of looks. */
  async run(hours = 30): Promise<number> {
    const end = startedAt + hours * 60 * minuteMs;
    for (let looks = 1; this.now < end; looks++) {
      this.now += 10 * minuteMs;
      this.monitor();
      await this.look();
      if (this.store.objects.has(askedKey(id))) return looks;
    }
    return Infinity;
  }

  async look(): Promise<void> {
    await lookAtExperiment({ time: iso(this.now) }, this.dependencies).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
    });
  }

  get ending() {
    return endingDocument.parse(this.store.json(endingKey(id)));
  }

  /** Labelled answers of both models that were counted. */
  get counted(): number {
    const { looks } = this.store.json(courseKey(id)) as {
      looks: { look: { arms: Record<string, { served: { requests: number }; scores: { values: number } }> } }[];
    };
    return looks.reduce(
      (sum, { look }) => sum + Object.values(look.arms).reduce((all, one) => all + one.scores.values, 0),
      0,
    );
  }
}

const better: Truth = { ...equal, right: { champion: 0.3, challenger: 0.8 } };
const worse: Truth = { ...equal, right: { champion: 0.8, challenger: 0.3 } };
const harmful: Truth = { ...equal, errors: 30 };

describe("the look at an experiment", function () {
  this.timeout(120_000);

  it("gives the challenger its share in steps, and has the one that won released through the gate", async () => {
    const world = await new World(better).begin();
    await world.run();
    assert.deepEqual(
      world.shares.map(({ percent }) => percent),
      [0, 5, 25, 50],
    );
    assert.equal(world.ending.outcome, "won", world.ending.reasons.join());
    assert.deepEqual(
      world.requests.map((body) => releaseRequest.parse(JSON.parse(body))),
      [{ action: "release", modelPackageArn: modelOf("b").modelPackageArn }],
    );
    assert.equal(world.told.length, 1);
    assert.equal(world.told[0]!.type, watchEvent.experimentEnded);
    alertDetail.parse(world.told[0]!.detail);
  });

  it("takes the traffic from a challenger that lost, then has it taken away", async () => {
    const world = await new World(worse).begin();
    await world.run();
    assert.equal(world.ending.outcome, "lost");
    assert.equal(world.percent, 0);
    assert.deepEqual(JSON.parse(world.requests[0]!), { action: "end-experiment", experiment: id });
  });

  it("stops a challenger that fails within minutes, before any label is there", async () => {
    const world = await new World({ ...harmful, labels: false }).begin();
    const looks = await world.run();
    assert.equal(world.ending.outcome, "guardrail", world.ending.reasons.join());
    assert.equal(world.percent, 0);
    assert.ok(looks <= 6, `${looks} looks of ten minutes`);
  });

  it("stops a challenger whose containers say that it finds nothing far more often", async () => {
    const world = await new World({ ...equal, empty: 30, labels: false }).begin();
    const looks = await world.run();
    assert.equal(world.ending.outcome, "guardrail", world.ending.reasons.join());
    assert.match(world.ending.reasons.join(), /more empty or absurd answers/);
    assert.ok(looks <= 8, `${looks} looks of ten minutes`);
  });

  it("calls a split void that is not the intended one", async () => {
    const world = await new World({ ...better, stray: 4 }).begin();
    await world.run();
    assert.equal(world.ending.outcome, "void", world.ending.reasons.join());
    assert.match(world.ending.reasons.join(), /split/);
  });

  it("calls an experiment void whose endpoint was updated in between", async () => {
    const world = await new World(better).begin();
    world.configName = "another";
    await world.run();
    assert.equal(world.ending.outcome, "void");
    assert.match(world.ending.reasons.join(), /updated in the middle/);
    assert.deepEqual(JSON.parse(world.requests[0]!), { action: "end-experiment", experiment: id });
  });

  it("ends without a verdict where nobody labels anything", async () => {
    const world = await new World({ ...equal, labels: false }).begin({ maximumHours: 3 });
    const looks = await world.run();
    assert.equal(world.ending.outcome, "inconclusive");
    assert.equal(looks, 18);
  });

  it("never moves traffic to a shadow, and judges it by copies", async () => {
    for (const [truth, outcome] of [
      [better, "won"],
      [worse, "lost"],
      [{ ...harmful, labels: false }, "guardrail"],
    ] as const) {
      const world = await new World(truth, "shadow").begin();
      await world.run();
      assert.equal(world.ending.outcome, outcome, world.ending.reasons.join());
      assert.deepEqual(
        world.shares.map(({ percent }) => percent),
        [0],
      );
    }
  });

  it("does nothing without an experiment, before it started, and once the challenger is gone", async () => {
    const empty = new World(better);
    assert.equal(await lookAtExperiment({ time: iso(startedAt) }, empty.dependencies), "no experiment");
    const gone = await new World(better).begin();
    gone.challenger = false;
    await gone.run(2);
    assert.deepEqual([gone.writes, gone.requests.length], [0, 0]);
  });

  it("ends right wherever it was killed, and counts every label once", async () => {
    for (const [name, truth] of Object.entries({ better, worse, harmful })) {
      const whole = await new World(truth).begin();
      await whole.run();
      for (let at = 1; at <= whole.writes; at++)
        for (const done of [false, true]) {
          const world = await new World(truth, "live", { at, done }).begin();
          await world.run();
          const where = `${name}, killed ${done ? "after" : "before"} write ${at} of ${whole.writes}`;
          assert.equal(world.ending.outcome, whole.ending.outcome, where);
          assert.equal(world.percent, whole.percent, where);
          assert.ok(world.requests.length >= 1 && world.requests.length <= 2, where);
          assert.deepEqual(new Set(world.requests), new Set(whole.requests), where);
          assert.ok(world.told.length >= 1, where);
          assert.ok(Math.abs(world.counted - whole.counted) <= 120, `${where}: ${world.counted} and ${whole.counted}`);
        }
    }
  });

  it("counts nothing twice where two controllers look at the same time", async () => {
    const world = await new World({ ...equal, labels: true }).begin();
    for (let hour = 1; hour <= 6; hour++) {
      world.now = startedAt + hour * 60 * minuteMs;
      world["monitor"]();
      await Promise.all([world.look(), world.look()]);
    }
    // By then six hours are labelled, ten minutes short.
    assert.equal(world.counted, 2 * (6 * 60 - 9));
  });
});
