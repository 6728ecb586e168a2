import type { DeliveredLabel } from "../../contract/labels";
import { judgeLabels } from "../../lifecycle/feedback";
import { UserError } from "../errors";
import { isCoco, readCoco } from "./coco";
import type { ExportManifest, LabelSet } from "./label-set";
import { isLabelStudio, readLabelStudio } from "./label-studio";

export interface ReadOptions {
  readonly manifest: ExportManifest | undefined;
  readonly emptyIsBackground: boolean;
}

export interface ReadLabels {
  readonly format: "COCO" | "Label Studio" | "JSON Lines";
  readonly labels: readonly DeliveredLabel[];
  readonly skipped: number;
}

const toldProblems = 50;

/**
 * Reads a file of labels, whichever form it has, and checks all of it.
 * @throws UserError listing every problem: nothing of a file with problems is taken.
 */
export function readLabels(text: string, options: ReadOptions): ReadLabels {
  const { format, set } = readFile(text, options);
  const judged = judgeLabels(
    set.labels.map(({ value }) => value),
    (index) => set.labels[index]!.place,
  );
  const problems = [...set.problems, ...(judged.verdict === "refuse" ? judged.reasons : []), ...saidTwice(set)];
  if (problems.length > 0)
    throw new UserError(
      `${problems.length} ${problems.length === 1 ? "problem" : "problems"} in the ${format} file; nothing was taken:\n${problems
        .slice(0, toldProblems)
        .map((problem) => `  - ${problem}`)
        .join("\n")}${problems.length > toldProblems ? `\n  - and ${problems.length - toldProblems} more` : ""}`,
      "Correct the file and import it again.",
    );
  return { format, labels: judged.verdict === "take" ? judged.labels : [], skipped: set.skipped };
}

function readFile(text: string, options: ReadOptions): { format: ReadLabels["format"]; set: LabelSet } {
  const document = fromJson(text);
  if (isCoco(document)) return { format: "COCO", set: readCoco(document, options) };
  if (isLabelStudio(document)) return { format: "Label Studio", set: readLabelStudio(document, options.manifest) };
  const lines = text.split("\n").flatMap((line, index) => (line.trim() ? [{ line, place: `line ${index + 1}` }] : []));
  const labels = lines.map(({ line, place }) => ({ place, value: fromJson(line) }));
  if (!labels.some(({ value }) => value !== null && typeof value === "object" && !Array.isArray(value)))
    throw new UserError(
      "The file is neither COCO, nor Label Studio's export, nor JSON Lines.",
      "COCO has images, categories and annotations; Label Studio exports tasks as JSON; a line of JSON Lines is { inferenceId, boxes } or { inferenceId, verdicts, missed }.",
    );
  const broken = labels.filter(({ value }) => value === undefined);
  return {
    format: "JSON Lines",
    set: {
      labels: labels.filter(({ value }) => value !== undefined),
      problems: broken.map(({ place }) => `${place}: no JSON`),
      skipped: 0,
    },
  };
}

/** One person says one thing about an answer in a file; which of two would count, nobody could know. */
function saidTwice({ labels }: LabelSet): string[] {
  const seen = new Map<string, string>();
  return labels.flatMap(({ place, value }) => {
    const { inferenceId, annotator = "" } = (value ?? {}) as { inferenceId?: unknown; annotator?: unknown };
    if (typeof inferenceId !== "string") return [];
    const key = `${String(annotator)}\n${inferenceId}`;
    const before = seen.get(key);
    seen.set(key, place);
    return before === undefined ? [] : [`${place}: ${inferenceId} is labelled in ${before} already`];
  });
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
