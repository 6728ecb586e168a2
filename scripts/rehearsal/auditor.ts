import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attested } from "../../automation/dossier/attest";
import { dossierFacts, type DossierSource } from "../../automation/dossier/gather";
import { writeDossier } from "../../automation/dossier/write";
import { ledgerOf } from "../../automation/release/history";
import { checkCompleteness } from "../../automation/audit/completeness";
import { gatherLineage } from "../../automation/lineage/gather";
import type { LineagePlace } from "../../automation/lineage/reading";
import { logOf } from "../../automation/audit/log";
import { poll } from "../../automation/poll";
import type { Environment } from "../../automation/stack/environment";
import { readCaptured } from "../../automation/labels/captured";
import { ObjectStore } from "../../aws/s3";
import { flightsFile } from "../../lifecycle/new-data/flights";
import { datasetOf } from "../dataset";
import { SageMakerRuntime } from "../../aws/sagemaker-runtime";
import { callerIdentity } from "../../aws/sts";
import { predictionAnswer } from "../../records/lineage/questions";
import type { LineageGraph } from "../../records/lineage/graph";
import { answerPage } from "../../records/lineage/show";
import { listReleases } from "../../records/release";
import { projectDir } from "../project";
import { type OnProgress, patience, type Rehearsal } from "./rehearsal";
import type { Facts } from "./summary";

/** What a walk from an answer has to pass on its way to the data. */
const expected = ["prediction", "image", "archive", "package", "release", "commit", "execution", "dataset"] as const;
const hourMs = 3_600_000;
/** Share of the technical file's points that have evidence. */
const minScore = 0.95;

/** What an auditor asks at the end: what one answer was made of, and whether the log holds and leaves nothing out. */
export async function auditEverything(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  return { ...(await walkFromAnswer(rehearsal, onProgress)), ...(await verifyLogs(rehearsal, onProgress)) };
}

/** From an image that production answers, to the files that its model learned from; a page of it goes to the report. */
async function walkFromAnswer(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { environments } = rehearsal;
  // What the owner of the data writes over when flights come.
  const rewritten = `${datasetOf(environments.dev).prefix}${flightsFile}`;
  const [registry, staging, production] = await Promise.all([
    placeOf(environments.dev),
    placeOf(environments.staging),
    placeOf(environments.prod),
  ]);
  const { session, outputs } = production;
  const inferenceId = `audited/${randomUUID()}`;
  const { at } = await callerIdentity(session);
  await new SageMakerRuntime(session).invoke(outputs.endpointName, rehearsal.tiles[0]!.body, "image/jpeg", {
    inferenceId,
  });
  onProgress("waiting until the answer is captured");
  const from = new Date(at.getTime() - hourMs);
  const captured = async (): Promise<Date | undefined> => {
    const to = new Date((await callerIdentity(session)).at.getTime() + hourMs);
    const store = new ObjectStore(session);
    const { answers } = await readCaptured(store, outputs.artifactsBucket, outputs.endpointName, from, to);
    return answers.some((one) => one.inferenceId === inferenceId) ? to : undefined;
  };
  const to = await poll(captured, (found) => found !== undefined, patience);
  if (!to) throw new Error(`${inferenceId} was not captured`);
  onProgress("reading what it was made of");
  const predictions = { from, to, inferenceId };
  const graph = await gatherLineage({ registry, targets: [staging, production], predictions });
  const answer = predictionAnswer(graph, graph.find(inferenceId));
  const kinds = new Set(answer.walked.nodes.map(({ kind }) => kind));
  const lacking = expected.filter((kind) => !kinds.has(kind));
  // The owner's list of flights was delivered anew, in a bucket that keeps no versions: what the first model read is gone.
  const others = graph.problems.filter((problem) => !problem.includes(rewritten));
  if (lacking.length > 0 || others.length > 0 || graph.problems.length === 0)
    throw new Error(
      `lineage of ${inferenceId}: ${lacking.map((kind) => `no ${kind}`).join(", ")}; ${graph.problems.join("; ")}`,
    );
  writeFileSync(join(rehearsal.reportDir, "lineage.html"), answerPage(answer, graph));
  onProgress("writing the dossier of what serves");
  const dossier = await writeServingDossier(rehearsal, { registry, target: production, graph });
  const count = (kind: string) => answer.walked.nodes.filter((node) => node.kind === kind).length;
  return {
    "walked from one answer": `${answer.walked.nodes.length} things, ${answer.walked.edges.length} ties`,
    "images that its model learned from": count("image") - 1,
    "found written over since": rewritten,
    page: "lineage.html",
    ...dossier,
  };
}

/** The documents of what production serves, from evidence, twice: the same bytes. */
async function writeServingDossier(
  { environments, reportDir }: Rehearsal,
  { registry, target, graph }: Pick<DossierSource, "registry" | "target"> & { readonly graph: LineageGraph },
): Promise<Facts> {
  const source = { registry, target, settings: environments.prod.settings, projectDir };
  const releases = await listReleases(ledgerOf(environments.prod, target.outputs), "prod");
  const serving = releases.findLast(({ outcome }) => outcome === "live")!.releaseId;
  const facts = await dossierFacts(source, graph, serving);
  const statements = await attested(target, facts, true);
  const started = performance.now();
  const written = await writeDossier(join(reportDir, "dossier"), facts, statements);
  const seconds = (performance.now() - started) / 1000;
  const again = await mkdtemp(join(tmpdir(), "peregrine-dossier-"));
  try {
    assert.deepEqual((await writeDossier(again, facts, statements)).files, written.files);
  } finally {
    await rm(again, { recursive: true, force: true });
  }
  const { filled, of } = written.document.score;
  if (filled / of < minScore) throw new Error(`only ${filled} of ${of} points of Annex IV come from evidence`);
  return {
    [`dossier of ${serving}`]: `Annex IV ${filled} of ${of} from evidence, ${seconds.toFixed(1)} s, the same bytes twice`,
  };
}

async function placeOf(environment: Environment): Promise<LineagePlace> {
  return { name: environment.name, session: environment.session, outputs: await environment.outputs() };
}

/** Each environment's log is verified whole, and compared with its trail's own files. */
async function verifyLogs({ environments }: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  onProgress("verifying the logs, and comparing them with the trails");
  return Object.assign({}, ...(await Promise.all(Object.values(environments).map(verifyLog)))) as Facts;
}

async function verifyLog(environment: Environment): Promise<Facts> {
  const outputs = await environment.outputs();
  const { ok, problems, checkpoint } = await (await logOf(environment, outputs)).verify();
  if (!ok) throw new Error(`the log of ${environment.name} does not hold: ${problems.join("; ")}`);
  const { calls, missing, orphans, doubled, waiting } = await checkCompleteness(environment, outputs);
  if (missing.length + orphans.length + doubled.length > 0)
    throw new Error(
      `the log of ${environment.name} and its trail: ${JSON.stringify({ missing, orphans, doubled }).slice(0, 2000)}`,
    );
  return {
    [`log of ${environment.name}`]: `${checkpoint?.size ?? 0} entries hold; of ${calls} calls 0 without entry, ${waiting.length} on their way`,
  };
}
