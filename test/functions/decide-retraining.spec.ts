import assert from "node:assert/strict";
import { decideAll, type Dependencies } from "../../functions/decide-retraining";
import { driftDetail, retrainingDecisionsPrefix, watchEvent } from "../../contract/monitoring";
import { metadataProblem } from "../../contract/metadata-value";
import type { DatasetManifest } from "../../lifecycle/new-data/manifest";
import { worthOf } from "../../lifecycle/retraining/need";
import { executionPrices } from "../../pricing/executions";
import { priceTable, Prices } from "../../pricing/table";
import { RetrainingRecords } from "../../records/retraining";
import { MemoryStore } from "../support/memory-store";

const now = "2026-11-29T12:00:00.000Z";
const pipelineArn = "arn:aws:sagemaker:eu-central-1:123456789012:pipeline/peregrine-dev-training";
const drift = driftDetail.parse({
  severity: "warning",
  message: "Fog: sharpness fell",
  area: "model",
  cause: "drift",
  endpoint: "peregrine-prod-detector",
  window: { start: "2026-11-29T10:00:00Z", end: "2026-11-29T11:00:00Z" },
  records: 100,
  score: 2,
  features: [],
  examples: [],
});
/** An event that says something of its own. */
const event = (id: string, type: string = watchEvent.drift, detail: object = drift, time = now) =>
  JSON.stringify({
    id,
    time: time.replace(".000", ""),
    source: "peregrine.model",
    "detail-type": type,
    detail: type === watchEvent.drift && "examples" in detail ? { ...detail, examples: [id] } : detail,
  });

/** One SageMaker, one bucket and one bus; several deciders may use them. */
class Account {
  readonly store = new MemoryStore();
  executions: { arn: string; start: string; status: string; reason?: string }[] = [];
  packages: { arn: string; approval: string; created: Date }[] = [];
  readonly tokens = new Map<string, string>();
  readonly told: { type: string; detail: Record<string, unknown> }[] = [];
  variants = 1;
  fails: "start" | "record" | undefined;

  manifest(additions: DatasetManifest["additions"], trees = 1000): void {
    const flights = { one: { images: 10, labels: { tree: trees } } };
    const manifest: DatasetManifest = { version: 1, at: now, bucket: "b", prefix: "p/", files: {}, flights, additions };
    this.store.add("watch/dataset-manifest.json", JSON.stringify(manifest));
  }

  get dependencies(): Dependencies {
    const store = this.store;
    return {
      pipeline: "peregrine-dev-training",
      group: "peregrine-dev-detector",
      bucket: "artifacts",
      endpoints: ["peregrine-dev-detector"],
      prices: executionPrices(new Prices(priceTable, "eu-central-1"), {
        trainingInstanceType: "ml.g4dn.xlarge",
        processingInstanceType: "ml.m5.xlarge",
        trainingMaxHours: 2,
        processingMaxHours: 1,
      }),
      policy: { cooldownHours: 2, minLabels: 50, minGrowth: 0.25, monthlyUsd: 50, maxFailures: 3, worth: worthOf(10) },
      sagemaker: {
        listPipelineExecutions: async () =>
          [...this.executions].reverse().map(({ arn, start, status }) => ({
            PipelineExecutionArn: arn,
            StartTime: new Date(start),
            PipelineExecutionStatus: status as "Succeeded",
          })),
        listPipelineSteps: async () => [
          {
            StepName: "TrainDetector",
            StartTime: new Date("2026-11-20T00:00:00Z"),
            EndTime: new Date("2026-11-20T01:00:00Z"),
            Metadata: { TrainingJob: { Arn: "arn:job" } },
          },
        ],
        listModelPackages: async () => this.packages,
        describeModelPackage: async () => ({ CustomerMetadataProperties: { map50: "0.45" } }) as never,
        describeEndpoint: async (EndpointName: string) =>
          ({ EndpointName, ProductionVariants: Array(this.variants).fill({}) }) as never,
      },
      starts: {
        startPipeline: async (_name, { RunReason }, token) => {
          if (this.fails === "start") throw new Error("ThrottlingException");
          const known = this.tokens.get(token);
          if (known) return known;
          const arn = `${pipelineArn}/execution/e${this.executions.length + 1}`;
          this.executions.push({ arn, start: now, status: "Executing", reason: RunReason! });
          this.tokens.set(token, arn);
          return arn;
        },
      },
      store,
      records: new RetrainingRecords(
        {
          get: (place) => store.get(place),
          list: (bucket, prefix) => store.list(bucket, prefix),
          putIf: async (place, body, condition) => {
            if (this.fails === "record" && !place.key.includes("/starts/")) throw new Error("SlowDown");
            return store.putIf(place, body, condition);
          },
        },
        "artifacts",
      ),
      bus: {
        put: async (_source, type, detail) => void this.told.push({ type, detail: detail as Record<string, unknown> }),
      },
      log: () => {},
    };
  }

  /** One delivery. @returns messages that were not handled. */
  async decide(body: string, sender = "events.amazonaws.com", messageId = "m-1"): Promise<number> {
    const at = String(Date.parse(now));
    const attributes = { SenderId: sender, SentTimestamp: at, ApproximateFirstReceiveTimestamp: at };
    const { batchItemFailures } = await decideAll({ Records: [{ messageId, body, attributes }] }, this.dependencies);
    return batchItemFailures.length;
  }

  get records(): Record<string, unknown>[] {
    return [...this.store.objects.keys()]
      .filter((key) => key.startsWith(retrainingDecisionsPrefix) && !key.includes("/starts/"))
      .map((key) => this.store.json(key));
  }

  get verdicts(): unknown[] {
    return this.records.map(({ verdict }) => verdict);
  }
}

describe("the function that decides about retraining", () => {
  let account: Account;
  beforeEach(() => {
    account = new Account();
    account.executions = [{ arn: `${pipelineArn}/execution/e1`, start: "2026-11-20T00:00:00Z", status: "Succeeded" }];
    account.manifest([{ at: "2026-11-28T00:00:00Z", flights: ["fog"], labels: { tree: 80 } }]);
  });

  it("starts the pipeline once for an event that comes twice, with its reason as a parameter", async () => {
    assert.equal(await account.decide(event("e-1")), 0);
    assert.equal(await account.decide(event("e-1")), 0);
    assert.equal(await account.decide(event("e-1").replace('"id":"e-1"', '"id":"another"')), 0);
    assert.equal(account.executions.length, 2);
    assert.deepEqual(account.verdicts, ["retrain"]);
    const { reason } = account.executions[1]!;
    assert.match(reason!, /^retraining drift 20261129T120000Z-[0-9a-f]{12}: Fog: sharpness fell$/);
    assert.equal(metadataProblem("RunReason", reason!), undefined);
    assert.equal(account.records[0]!["executionArn"], account.executions[1]!.arn);
  });

  it("starts it once for several proposals that are decided at the same time", async () => {
    await Promise.all(["e-1", "e-2", "e-3", "e-4"].map((id) => account.decide(event(id))));
    assert.equal(account.executions.length, 2);
    assert.equal(account.records.length, 4);
    assert.deepEqual(account.verdicts.sort(), ["retrain", "wait", "wait", "wait"]);
  });

  it("starts it once where the record could not be written after the start", async () => {
    account.fails = "record";
    assert.equal(await account.decide(event("e-1")), 1);
    account.fails = undefined;
    assert.equal(await account.decide(event("e-1")), 0);
    assert.equal(account.executions.length, 2);
    assert.deepEqual(account.verdicts, ["retrain"]);
  });

  it("tries again where the start failed, and starts what was claimed", async () => {
    account.fails = "start";
    assert.equal(await account.decide(event("e-1")), 1);
    assert.deepEqual(account.records, []);
    account.fails = undefined;
    assert.equal(await account.decide(event("e-2")), 0);
    assert.equal(await account.decide(event("e-1")), 0);
    assert.equal(account.executions.length, 2);
    assert.match(account.executions[1]!.reason!, /^retraining drift/);
    assert.equal(account.records.filter(({ verdict }) => verdict === "retrain").length, 1);
  });

  it("records that it waits for labelled data, tells people once, and retrains when the data came", async () => {
    account.manifest([]);
    await account.decide(event("e-1"));
    await account.decide(event("e-2", watchEvent.drift, drift, "2026-11-29T11:00:00.000Z"));
    assert.deepEqual(account.verdicts, ["wait", "wait"]);
    assert.equal(account.executions.length, 1);
    const told = account.told.map(({ detail }) => detail["message"]);
    assert.match(String(told[0]), /A training is needed and waits.*0 new labelled objects/);
    assert.equal(told[1], undefined);
    account.manifest([{ at: "2026-11-29T11:30:00Z", flights: ["fog"], labels: { tree: 80 } }]);
    await account.decide(
      event("e-3", watchEvent.retrainingProposed, { trigger: "new-data", key: "new-data/1", reason: "fog came" }),
    );
    assert.equal(account.executions.length, 2);
    assert.match(account.executions[1]!.reason!, /^retraining new-data/);
    assert.match(String(account.told.at(-1)!.detail["message"]), /A training was started/);
  });

  it("waits for labels of the class that fell, whoever proposes next, and says which it is", async () => {
    const day = (number: number) => `2026-11-${number}T12:00:00.000Z`;
    const poor = { ...drift, cause: "quality", metric: "Map50", value: 0.1, objective: 0.4, labelled: 60 };
    const fell = { classes: ["bush"], slices: ["light-darker"] };
    await account.decide(event("e-1", watchEvent.quality, { ...poor, ...fell }, day(28)));
    assert.deepEqual(account.verdicts, ["wait"]);
    assert.match(
      JSON.stringify(account.records[0]!["reasons"]),
      /slices light-darker.*0 new labelled objects of class bush/,
    );
    const look = (key: string) =>
      event(key, watchEvent.retrainingProposed, { trigger: "schedule", key, reason: "again" });
    await account.decide(look("schedule/1"));
    assert.deepEqual(account.verdicts, ["wait", "wait"]);
    account.manifest([{ at: "2026-11-29T11:30:00Z", flights: ["dusk"], labels: { bush: 80 } }]);
    await account.decide(look("schedule/2"));
    assert.deepEqual(account.verdicts.sort(), ["retrain", "wait", "wait"]);
  });

  it("counts how far the estimate is below the approved candidate's mAP50", async () => {
    account.packages = [{ arn: "arn:package/1", approval: "Approved", created: new Date("2026-11-20T02:00:00Z") }];
    const dayBefore = "2026-11-28T11:00:00.000Z";
    await account.decide(event("e-1", watchEvent.drift, { ...drift, estimatedMap50: 0.46 }, dayBefore));
    assert.deepEqual(account.verdicts, ["no"]);
    await account.decide(event("e-2", watchEvent.drift, { ...drift, estimatedMap50: 0.25 }));
    assert.deepEqual(account.verdicts.sort(), ["no", "retrain"]);
  });

  it("decides a proposal of the same key once, whenever it comes", async () => {
    const detail = { trigger: "forecast", key: "forecast/1", reason: "falls in 9 days", shortfall: 0.1 };
    await account.decide(event("e-1", watchEvent.retrainingProposed, detail));
    await account.decide(event("e-2", watchEvent.retrainingProposed, detail, "2026-11-29T13:00:00.000Z"));
    assert.deepEqual(account.verdicts, ["retrain"]);
  });

  it("takes what a person sends as a person's, by the queue's own word", async () => {
    const person = JSON.stringify({ trigger: "person", key: "person/1", reason: "new camera" });
    account.manifest([]);
    assert.equal(await account.decide(person, "AROAEXAMPLE:ben"), 0);
    assert.equal(account.records[0]!["by"], "AROAEXAMPLE:ben");
    assert.equal(account.executions.length, 2);
    assert.equal(await account.decide(event("e-1"), "AROAEXAMPLE:ben"), 1);
  });

  it("waits for a comparison in production, of which its monitoring's events tell", async () => {
    const of = (endpoint: string, ...variants: string[]) => ({ ...drift, endpoint, variants });
    await account.decide(event("e-1", watchEvent.drift, of("peregrine-prod-detector", "challenger", "champion")));
    const [record] = account.records;
    assert.equal(record!["verdict"], "wait");
    assert.deepEqual(record!["reasons"], [
      ...(record!["reasons"] as string[]).slice(0, -1),
      "peregrine-prod-detector compares variants, and its answer comes first",
    ]);
    await account.decide(event("e-2", watchEvent.drift, of("peregrine-prod-detector", "champion")));
    assert.deepEqual(account.verdicts.sort(), ["retrain", "wait"]);
  });

  it("says once that an endpoint compares, where it sees it and is told so", async () => {
    account.variants = 2;
    const detail = { ...drift, endpoint: "peregrine-dev-detector", variants: ["challenger", "champion"] };
    await account.decide(event("e-1", watchEvent.drift, detail));
    assert.equal(JSON.stringify(account.records[0]!["reasons"]).match(/compares variants/g)!.length, 1);
  });

  it("waits for a comparison of variants, a candidate that waits, and after failures asks people", async () => {
    account.variants = 2;
    account.packages = [
      { arn: "arn:package/3", approval: "PendingManualApproval", created: new Date("2026-11-21T02:00:00Z") },
    ];
    account.executions.push(
      ...[2, 3, 4].map((number) => ({
        arn: `${pipelineArn}/execution/e${number}`,
        start: `2026-11-2${number}T00:00:00Z`,
        status: "Failed",
      })),
    );
    await account.decide(event("e-1"));
    const [record] = account.records;
    assert.equal(record!["verdict"], "wait");
    assert.match(JSON.stringify(record!["reasons"]), /arn:package\/3.*compares variants.*3 challengers/);
    assert.equal(account.told[0]!.detail["severity"], "warning");
    assert.match(String(account.told[0]!.detail["message"]), /retraining-failed\.md/);
  });

  it("leaves a message that is no proposal to the queue, with everything that is wrong with it", async () => {
    for (const body of ["{", "{}", event("e-1", "Something Else"), event("e-1", watchEvent.drift, {})])
      assert.equal(await account.decide(body), 1);
    assert.deepEqual(account.records, []);
  });
});
