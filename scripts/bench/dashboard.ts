import { productionEnvironment } from "../../contract/environments";
import { detectorName, imageRepository } from "../../contract/names";
import { drawTimeChart } from "../../insight/charts/time-chart";
import { Site } from "../../insight/dashboard/site";
import type { EnvironmentFacts, PlatformFacts, Reading } from "../../insight/read-model/facts";
import { queryOf, queryText, type SeriesName, seriesNames, seriesOf } from "../../insight/read-model/series";
import { assumptions } from "../../pricing/assumptions";
import { priceStack } from "../../pricing/stack";
import { priceTable } from "../../pricing/table";
import { type LedgerEntry, lineOf, seal } from "../../records/chain";
import { Ledger } from "../../records/ledger";
import { listReleases, type RecordedRelease, releaseId, type ReleaseRecord } from "../../records/release";
import type { Recorder } from "./figures";

const shape = { versions: 1000, points: 1_000_000 } as const;
const budgetSeconds = 1;
const end = Date.UTC(2026, 0, 31);
const start = end - 30 * 86_400_000;
const name = productionEnvironment;
const endpointName = detectorName(name);

/** What the dashboard itself takes: from what AWS answered to a page. What AWS takes to answer is not in it. */
export async function benchDashboard(record: Recorder): Promise<void> {
  record.about = `One environment with ${shape.versions} versions, each released once, and ${shape.points.toLocaleString("en-US")} metric points. From the bytes of the ledger and the points as the SDK has them; reading them from AWS is not in it. Seconds are processor time.`;
  const ledger = ledgerOf(shape.versions);
  const points = pointsOf(Math.ceil(shape.points / seriesNames.length));
  // Vega is loaded once in a process, with the first chart.
  const loading = await timed(() =>
    drawTimeChart({
      description: "",
      unit: "",
      lines: [{ label: "", series: seriesOf(points.slice(0, 100), "") }],
      marks: [],
      from: iso(start),
      to: iso(end),
    }),
  );
  const made = await timed(async () => new Site(factsOf(await listReleases(ledger, name), points), false));
  const home = await timed(async () => (await made.result.file("index.html"))!);
  const model = await timed(async () => (await made.result.file(`model-${name}.html`))!);
  const csv = await timed(async () => (await made.result.file(`data/model-${name}.versions.csv`))!);
  const promised = (what: string, seconds: number) =>
    record.figure(what, seconds, "s", { text: `at most ${budgetSeconds} s`, met: seconds <= budgetSeconds });
  promised("first page, everything made from scratch", made.seconds + home.seconds);
  record.figure("of it the read model: ledger verified, points in columns", made.seconds, "s");
  record.figure("of it home", home.seconds, "s");
  promised("page of a model: eight charts, versions", model.seconds);
  record.figure("versions as CSV", csv.seconds, "s");
  record.figure("load Vega, once in a process", loading.seconds, "s");
  record.figure("size of the page of a model", model.result.body.length / 1024, "KiB");
}

function factsOf(releases: readonly RecordedRelease[], points: readonly Point[]): PlatformFacts {
  const read = <Value>(what: string, value: Value): Reading<Value> => ({ value, evidence: { what } });
  const newest = releases.at(-1)!;
  const queries = seriesNames.map((series) => queryText(queryOf(series, name, endpointName, 60)));
  const environment: EnvironmentFacts = {
    name,
    region: "eu-central-1",
    endpointName,
    objectives: {
      map50: 0.25,
      f1: 0.3,
      labelLagHours: 168,
      latencyP90Ms: 800,
      errorPercent: 5,
      monthlyBudgetUsd: 4000,
    },
    owners: { model: "detectors", serving: "detectors", platform: "vision-platform" },
    serving: read("endpoint", {
      desired: newest,
      endpoint: { name: endpointName, status: "InService", configName: "c" },
      converged: true,
    }),
    packages: read(
      "registry",
      releases.map(({ modelPackageArn, startedAt }) => ({
        arn: modelPackageArn,
        approval: "Approved",
        created: startedAt,
      })),
    ),
    releases: read("ledger", releases),
    experiments: read("ledger", []),
    running: read("looks", {}),
    alarms: read("alarms", []),
    alerts: read("alerts", []),
    told: read("alerts", { incidents: {}, sent: {}, held: {} }),
    violations: read("remediation", { open: [], entries: [] }),
    failover: undefined,
    forecasts: read("forecasts", undefined),
    retraining: read("decisions", []),
    metrics: read(
      "metrics",
      Object.fromEntries(seriesNames.map((series, index) => [series, seriesOf(points, queries[index]!)])) as Record<
        SeriesName,
        ReturnType<typeof seriesOf>
      >,
    ),
    effects: read("effects", { kpis: [], releases: [], roi: { verdict: "withheld", reasons: ["not measured here"] } }),
    price: read("price", priceStack([], { table: priceTable, region: "eu-central-1", assume: assumptions() })),
    log: read("log", { ok: true, problems: [], size: 0, entries: [] }),
  };
  return {
    readAt: iso(end),
    window: { start: iso(start), end: iso(end), periodSeconds: 60 },
    environments: [environment],
    down: [],
    matrix: { columns: {}, rows: [] },
  };
}

interface Point {
  readonly time: Date;
  readonly value: number;
}

function pointsOf(count: number): Point[] {
  const step = (end - start) / count;
  return Array.from({ length: count }, (_, index) => ({
    time: new Date(start + index * step),
    value: 100 + 50 * Math.sin(index / 500) + ((index * 7919) % 17),
  }));
}

/** A ledger in memory, with a release an hour. */
function ledgerOf(versions: number): Ledger {
  const entries: LedgerEntry[] = [];
  for (let version = 1; version <= versions; version++) {
    const content = {
      modelPackageArn: `arn:aws:sagemaker:eu-central-1:111122223333:model-package/${detectorName("dev")}/${version}`,
      modelSha256: version.toString(16).padStart(64, "0"),
      imageUri: `111122223333.dkr.ecr.eu-central-1.amazonaws.com/${imageRepository}:1`,
    };
    const at = (minutes: number) => iso(start + (version * (end - start)) / (versions + 1) + minutes * 60_000);
    const body: ReleaseRecord = {
      schema: "peregrine.release/1",
      environment: name,
      releaseId: releaseId(content),
      ...content,
      evaluation: { map50: 0.4, map: 0.2, latencyMs: { p50: 8, p99: 12 }, modelBytes: 10_000_000 },
      policyPack: { version: "1", result: "passed" },
      kind: "promote",
      outcome: "live",
      reasons: [],
      endpointConfigName: "c",
      startedAt: at(0),
      endedAt: at(5),
    };
    const entry = {
      at: body.endedAt,
      by: "arn:aws:iam::111122223333:role/release-build",
      kind: "release",
      subject: body.releaseId,
      body: body as unknown as Record<string, never>,
    };
    entries.push(seal(entry, entries.at(-1)));
  }
  const bytes = Buffer.from(entries.map((entry) => `${lineOf(entry)}\n`).join(""));
  const store = {
    getWithTag: () => Promise.resolve({ body: bytes, tag: '"1"' }),
    putIf: () => Promise.reject(new Error("this ledger is only read")),
  };
  return new Ledger(store, "bench");
}

/** Seconds of the processor: what else the machine does is not in them. */
async function timed<Result>(work: () => Promise<Result>): Promise<{ result: Result; seconds: number }> {
  const began = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(began);
  return { result, seconds: (user + system) / 1e6 };
}

const iso = (ms: number): string => new Date(ms).toISOString();
