import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callerIdentity } from "../../aws/sts";
import { ObjectStore } from "../../aws/s3";
import { poll } from "../../automation/poll";
import type { GoldenImage } from "../../automation/release/golden/images";
import type { Environment } from "../../automation/stack/environment";
import { type RetrainingRecord, RetrainingRecords } from "../../records/retraining";
import { datasetOf, runPython } from "../dataset";
import { measuredQuality } from "./labels";
import { monitorTraffic, type MonitoringReport } from "./monitoring";
import { type OnProgress, patience, type Rehearsal } from "./rehearsal";
import * as steps from "./steps";
import type { Facts } from "./summary";
import { type Heard, TeamQueue } from "./team-queues";

const weather = "scripts/rehearsal/weather.py";
const driftSaid = /Drift: what \S+ sees differs/;

/** What the model was tested with raises no alarm. */
export async function watchQuiet(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  await rehearsal.listen();
  const { prod } = rehearsal.environments;
  return undisturbed(rehearsal, await monitorTraffic(rehearsal, prod, rehearsal.tiles, onProgress), "quiet");
}

/** Nor does another camera: JPEG quality 90, a little darker or brighter. */
export async function watchHarmless(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const changed = await throughWeather("harmless", rehearsal.tiles);
  const { prod } = rehearsal.environments;
  return undisturbed(rehearsal, await monitorTraffic(rehearsal, prod, changed, onProgress), "harmless");
}

/** @throws Error when the window was not judged, or somebody was alarmed. */
async function undisturbed(rehearsal: Rehearsal, report: MonitoringReport, what: string): Promise<Facts> {
  const { team, platform } = rehearsal.listening;
  const score = scoreOf(report);
  if (report.drifted) throw new Error(`${what} traffic is called drift: ${JSON.stringify(report)}`);
  const alarms = [...(await team.all()), ...(await platform.all())].filter(({ text }) => driftSaid.test(text));
  if (alarms.length > 0) throw new Error(`${what} traffic raised an alarm: ${alarms[0]!.text}`);
  return { [`${what} records`]: report.records, [`${what} score`]: score };
}

/**
 * Fog comes: the team that answers for models is told within two windows, with what moved and which answers show it;
 * nobody else is. There are no labels of fog, so the retraining that it proposes has to wait, and that is recorded.
 */
export async function noticeFog(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { prod } = rehearsal.environments;
  const { team, platform } = rehearsal.listening;
  const { report, facts } = await noticeDrift(rehearsal, prod, rehearsal.foggyTiles, team, onProgress);
  const elsewhere = (await platform.all()).filter(({ text }) => driftSaid.test(text));
  if (elsewhere.length > 0) throw new Error(`the platform's team was paged for a model: ${elsewhere[0]!.text}`);
  onProgress("reading what people's labels say");
  return { ...facts, ...(await measuredQuality(rehearsal, report)) };
}

/** Night falls in staging: its team is told as well, of what moved there, and the retraining waits for labels. */
export async function noticeNight(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { staging } = rehearsal.environments;
  const { alertTopicArns } = await staging.outputs();
  const team = await TeamQueue.subscribe(staging, alertTopicArns.warning, "warning");
  try {
    const { facts } = await noticeDrift(rehearsal, staging, rehearsal.nightTiles, team, onProgress);
    return Object.fromEntries(Object.entries(facts).map(([name, value]) => [`night ${name}`, value]));
  } finally {
    await team.remove();
  }
}

/** @throws Error when drift is not found within two windows, or not told, or a retraining does not wait for labels. */
async function noticeDrift(
  rehearsal: Rehearsal,
  environment: Environment,
  tiles: readonly GoldenImage[],
  team: TeamQueue,
  onProgress: OnProgress,
): Promise<{ readonly report: MonitoringReport; readonly facts: Facts }> {
  const { at: since } = await callerIdentity(environment.session);
  const { endpointName } = await environment.outputs();
  let report = await monitorTraffic(rehearsal, environment, tiles, onProgress);
  let windows = 1;
  if (!report.drifted) {
    report = await monitorTraffic(rehearsal, environment, tiles, onProgress);
    windows = 2;
  }
  if (!report.drifted) throw new Error(`drift is not seen in two windows: ${JSON.stringify(report)}`);
  onProgress("waiting for the alert");
  const alert = await driftAlert(team);
  const minutes = (Date.parse(alert.at) - since.getTime()) / 60_000;
  const lacking = ["Moved most", "Look at:", "Since:", "Team:", "Evidence:", "Runbook:", "Next:"].filter(
    (part) => !alert.text.includes(part),
  );
  if (lacking.length > 0) throw new Error(`the alert lacks ${lacking.join(", ")}: ${alert.text}`);
  onProgress("waiting for the decision about a retraining");
  const decision = await decided(
    rehearsal,
    since,
    ({ proposal }) => proposal.trigger === "drift" && proposal.endpoint === endpointName,
  );
  if (decision.verdict !== "wait")
    throw new Error(`without labels the verdict is ${decision.verdict}: ${decision.reasons.join("; ")}`);
  const { features, estimated_map50: estimate } = verdictOf(report);
  const facts: Facts = {
    windows,
    score: scoreOf(report),
    moved: features
      .slice(0, 3)
      .map(({ name, effect }) => `${name} ${effect.toFixed(1)}`)
      .join(" "),
    ...(estimate.value === null ? {} : { "estimated mAP50": Number(estimate.value.toFixed(2)) }),
    "told after cloud minutes": Number(minutes.toFixed(1)),
    verdict: decision.verdict,
    why: decision.reasons.at(-1)!.slice(0, 120),
  };
  return { report, facts };
}

async function driftAlert(team: TeamQueue): Promise<Heard> {
  const alerts = await poll(
    async () => (await team.all()).filter(({ text }) => driftSaid.test(text)),
    (found) => found.length > 0,
    patience,
  );
  if (!alerts[0]) throw new Error("drift was found, and the team that answers for models was not told");
  return alerts[0];
}

/**
 * The owner of the data delivers labelled flights in fog and at night. The scheduled look finds them, the decision is to retrain, the
 * pipeline starts by itself, once, and its candidate finds more in fog than the model that serves.
 */
export async function retrainOnNewFlights(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { dev } = rehearsal.environments;
  const { at: since } = await callerIdentity(dev.session);
  onProgress("the owner delivers flights in fog and at night");
  const delivered = await deliverFlights(rehearsal);
  onProgress("waiting for the look at the data set, and the decision");
  const decision = await decided(rehearsal, since, ({ verdict }) => verdict === "retrain");
  const facts = await steps.followModel(rehearsal, decision.executionArn!, onProgress);
  const { trigger } = decision.proposal;
  if (!String(facts["reason"]).startsWith(`retraining ${trigger} ${decision.id}`))
    throw new Error(`the registry says why the model was trained: ${facts["reason"]}; the decision is ${decision.id}`);
  const started = (await records(rehearsal)).filter(({ verdict }) => verdict === "retrain");
  if (started.length !== 1) throw new Error(`the pipeline was started ${started.length} times`);
  const { before, after } = await mapInFog(rehearsal, decision.executionArn!);
  if (after <= before) throw new Error(`the candidate's mAP50 in fog is ${after}, that of the model before ${before}`);
  return { delivered, trigger, ...facts, "mAP50 in fog before": before, after };
}

async function deliverFlights(rehearsal: Rehearsal): Promise<number> {
  const { dev } = rehearsal.environments;
  const folder = await mkdtemp(join(tmpdir(), "flights-"));
  try {
    await runPython([weather, "flights", join(rehearsal.reportDir, "..", "dataset", "flights"), folder]);
    const { bucket, prefix } = datasetOf(dev);
    const store = new ObjectStore(dev.session);
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
    // The list of flights goes last: what it names is there.
    const names = files
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort((a) => (a.endsWith(".csv") ? 1 : -1));
    for (const file of names)
      await store.put({ bucket, key: `${prefix}${file.slice(folder.length + 1)}` }, await readFile(file));
    return names.filter((file) => file.endsWith(".jpg")).length;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** mAP50 in fog of the model that serves and of the candidate, on the same tiles. */
async function mapInFog(
  { environments: { dev } }: Rehearsal,
  executionArn: string,
): Promise<{ readonly before: number; readonly after: number }> {
  const { artifactsBucket } = await dev.outputs();
  const evaluation = await steps.evaluationOf(dev, artifactsBucket, executionArn);
  const inFog = (slices: steps.Slices) => Number(slices.light["fog"]!.map50.value.toFixed(3));
  return { before: inFog(evaluation.comparison.champion_slices), after: inFog(evaluation.detection_metrics.slices) };
}

/** The first decision since a time that matches. */
async function decided(
  rehearsal: Rehearsal,
  since: Date,
  matches: (record: RetrainingRecord) => boolean,
): Promise<RetrainingRecord> {
  const find = async () => (await records(rehearsal)).find((one) => new Date(one.decidedAt) >= since && matches(one));
  const found = await poll(find, (record) => record !== undefined, patience);
  if (found) return found;
  const all = (await records(rehearsal)).map(({ id, verdict, reasons }) => `${id}: ${verdict}, ${reasons.join("; ")}`);
  throw new Error(`no such decision was recorded. What was:\n${all.join("\n") || "nothing"}`);
}

async function records({ environments: { dev } }: Rehearsal): Promise<RetrainingRecord[]> {
  const { artifactsBucket } = await dev.outputs();
  const { at } = await callerIdentity(dev.session);
  const dayAgo = new Date(at.getTime() - 86_400_000).toISOString();
  return new RetrainingRecords(new ObjectStore(dev.session), artifactsBucket).since(dayAgo, 1_000);
}

/** Tiles as another camera or another day would have them. */
async function throughWeather(kind: "harmless", tiles: readonly GoldenImage[]): Promise<GoldenImage[]> {
  const folder = await mkdtemp(join(tmpdir(), "weather-"));
  try {
    const [before, after] = [join(folder, "before"), join(folder, "after")];
    await mkdir(before);
    const named = tiles.map((tile) => ({ tile, name: tile.key.split("/").at(-1)! }));
    await Promise.all(named.map(({ tile, name }) => writeFile(join(before, name), tile.body)));
    await runPython([weather, kind, before, after]);
    return await Promise.all(
      named.map(async ({ tile, name }) => ({ ...tile, body: await readFile(join(after, name)) })),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

function verdictOf({ models: [most] }: MonitoringReport): NonNullable<MonitoringReport["models"][number]["verdict"]> {
  if (!most?.verdict) throw new Error("the window was not judged: no model answered, or it has no baseline");
  return most.verdict;
}

function scoreOf(report: MonitoringReport): number {
  return Number((verdictOf(report).score ?? Number.NaN).toFixed(2));
}
