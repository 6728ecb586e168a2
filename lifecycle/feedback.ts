import type { z } from "zod";
import {
  type AnswerLabel,
  type DeliveredLabel,
  deliveredObjects,
  deliveredVerdicts,
  type GroundTruthLine,
  maxFeedbackLabels,
} from "../contract/labels";

/** Labels that can all be stored, or all that is wrong with them: nothing is stored of a request with a problem. */
export type FeedbackVerdict =
  | { readonly verdict: "take"; readonly labels: readonly DeliveredLabel[] }
  | { readonly verdict: "refuse"; readonly reasons: readonly string[] };

/** Judges a request: `{ "labels": [ … ] }`. */
export function judgeFeedback(request: unknown): FeedbackVerdict {
  const labels = (request as { labels?: unknown } | null | undefined)?.labels;
  if (!Array.isArray(labels) || labels.length === 0)
    return { verdict: "refuse", reasons: ['expected {"labels": [ … ]} with at least one label'] };
  if (labels.length > maxFeedbackLabels)
    return {
      verdict: "refuse",
      reasons: [`${labels.length} labels; a request takes ${maxFeedbackLabels}: send several`],
    };
  return judgeLabels(labels, (index) => `labels[${index}]`);
}

/** Judges labels one by one. @param place of a label, for people. */
export function judgeLabels(labels: readonly unknown[], place: (index: number) => string): FeedbackVerdict {
  const taken: DeliveredLabel[] = [];
  const reasons: string[] = [];
  labels.forEach((label, index) => {
    const parsed = judgeLabel(label);
    if ("reasons" in parsed) reasons.push(...parsed.reasons.map((reason) => `${place(index)}${reason}`));
    else taken.push(parsed.label);
  });
  return reasons.length > 0 ? { verdict: "refuse", reasons } : { verdict: "take", labels: taken };
}

function judgeLabel(label: unknown): { readonly label: DeliveredLabel } | { readonly reasons: readonly string[] } {
  if (label === null || typeof label !== "object" || Array.isArray(label)) return { reasons: [": no object"] };
  if ("boxes" in label === "verdicts" in label) return { reasons: [": has either boxes or verdicts"] };
  const schema: z.ZodType<DeliveredLabel> = "boxes" in label ? deliveredObjects : deliveredVerdicts;
  const parsed = schema.safeParse(label);
  if (parsed.success) return { label: parsed.data };
  return { reasons: parsed.error.issues.map(({ path, message }) => `${pathText(path)}: ${message}`) };
}

/** `.boxes[3].box` */
function pathText(path: readonly PropertyKey[]): string {
  return path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
}

/** The lines that keep labels. @param by who delivers them. */
export function groundTruth(labels: readonly DeliveredLabel[], by: string, at: Date): string {
  return labels
    .map(({ inferenceId, ...said }) => {
      const label: AnswerLabel = { ...said, by, at: at.toISOString() };
      const line: GroundTruthLine = {
        groundTruthData: { data: JSON.stringify(label), encoding: "JSON" },
        eventMetadata: { eventId: inferenceId },
        eventVersion: "0",
      };
      return `${JSON.stringify(line)}\n`;
    })
    .join("");
}

/**
 * Who delivers, from the ARN that a request was signed as: `ml-engineer/ada` of a session, `user/ada` of a user. The
 * roles of people let only sessions deliver that carry their person's own name.
 */
export function delivererOf(arn: string): string {
  const [, kind, name = "", session] = /:(assumed-role|user|federated-user)\/([^/]+)(?:\/(.+))?$/.exec(arn) ?? [];
  if (kind === undefined) return arn;
  return kind === "assumed-role" ? `${name}/${session}` : `${kind}/${session ?? name}`;
}
