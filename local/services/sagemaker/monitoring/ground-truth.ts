import type { Principal } from "../../../iam/principal";
import type { Members } from "../../../members";
import { parseS3Uri } from "../../../runner/objects";
import type { Context } from "../context";
import type { Captured } from "./processing-request";
import { hourFolders, type Window } from "./window";

/**
 * Joins labels to captured lines by inference id, as the role, below `merge/` of the output: what AWS does by a
 * processing job of its own with an image of its own before a job of model quality ("Ingest ground truth labels and
 * merge them with predictions", SageMaker developer guide). Lines without a label, and labels without a line, are left
 * out; of several labels the last counts (believed).
 * @param outputUri of the schedule's reports. @param truthUri below which labels lie by the hour.
 * @returns the merged prefixes, in place of the captured ones.
 */
export async function mergeGroundTruth(
  { objects }: Context,
  role: Principal,
  {
    captured,
    window,
    truthUri,
    outputUri,
  }: {
    readonly captured: readonly Captured[];
    readonly window: Window;
    readonly truthUri: string;
    readonly outputUri: string;
  },
): Promise<Captured[]> {
  const linesBelow = async (uri: string): Promise<Members[]> => {
    const { bucket, key: prefix } = parseS3Uri(uri);
    const found = (await objects.list(role, bucket, `${prefix}/`)).filter(({ key }) => !key.endsWith("/"));
    const texts = await Promise.all(found.map(({ key }) => objects.read(role, { bucket, key })));
    return texts.flatMap((text) => text.toString("utf8").split("\n")).flatMap(lineOf);
  };
  const labels = new Map<string, Members>();
  for (const hour of hourFolders(window))
    for (const line of await linesBelow(`${withoutSlash(truthUri)}/${hour}`))
      labels.set(String(line.eventMetadata?.eventId), line);
  const merged: Captured[] = [];
  for (const { uri, localPath, path } of captured) {
    const lines = (await linesBelow(uri)).flatMap((line) => {
      const id = String(line.eventMetadata?.inferenceId ?? line.eventMetadata?.eventId);
      const label = labels.get(id);
      return label ? [{ ...line, groundTruthData: label.groundTruthData }] : [];
    });
    if (lines.length === 0) continue;
    const target = `${withoutSlash(outputUri)}/merge/${path}`;
    const { bucket, key } = parseS3Uri(target);
    const body = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    await objects.write(role, { bucket, key: `${key}/part-00000.jsonl` }, Buffer.from(body));
    merged.push({ uri: target, localPath, path });
  }
  return merged;
}

function lineOf(text: string): Members[] {
  try {
    const line = JSON.parse(text) as Members | null;
    return typeof line === "object" && line !== null ? [line] : [];
  } catch {
    return [];
  }
}

const withoutSlash = (uri: string): string => uri.replace(/\/+$/, "");
