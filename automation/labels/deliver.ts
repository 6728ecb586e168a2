import { FunctionUrl } from "../../aws/function-url";
import { hasCode } from "../../aws/session";
import {
  type DeliveredLabel,
  type FeedbackReceipt,
  feedbackReceipt,
  feedbackRefusal,
  maxFeedbackBytes,
  maxFeedbackLabels,
} from "../../contract/labels";
import { UserError } from "../errors";
import type { LabelPlace } from "./place";

/**
 * Delivers labels through the feedback function, in as few requests as it takes. Delivered twice they count once.
 * @returns the receipts.
 * @throws UserError when the function, or AWS, takes them not; says how many were taken before.
 */
export async function deliver(
  { session, functionName }: LabelPlace,
  labels: readonly DeliveredLabel[],
): Promise<FeedbackReceipt[]> {
  const url = FunctionUrl.of(session, functionName);
  const receipts: FeedbackReceipt[] = [];
  for (const batch of batchesOf(labels)) {
    const { status, body } = await url.post({ labels: batch }).catch((error: unknown) => {
      if (!hasCode(error, "ResourceNotFoundException", "AccessDeniedException")) throw error;
      throw new UserError(
        `Labels cannot be delivered: ${(error as Error).message}`,
        "Bring the environment up, and act as one of its ML engineers (--profile).",
        { cause: error },
      );
    });
    if (status !== 200) throw refused(status, body, receipts);
    receipts.push(feedbackReceipt.parse(JSON.parse(body)));
  }
  return receipts;
}

function refused(status: number, body: string, receipts: readonly FeedbackReceipt[]): UserError {
  const taken = receipts.reduce((sum, { accepted }) => sum + accepted, 0);
  const said = feedbackRefusal.safeParse(safely(body));
  const why = said.success ? [said.data.message, ...said.data.problems].join("\n  - ") : body;
  return new UserError(
    `The feedback function answered ${status}${taken > 0 ? ` after ${taken} labels were taken` : ""}: ${why}`,
    status === 403
      ? "Act as an ML engineer of the environment, in a session of your own name: npx peregrine session ml-engineer"
      : "Import the same file again: labels that were taken count once.",
  );
}

/** As many labels in a request as fit. */
export function batchesOf(labels: readonly DeliveredLabel[]): DeliveredLabel[][] {
  const batches: DeliveredLabel[][] = [];
  let bytes = Infinity;
  for (const label of labels) {
    const own = Buffer.byteLength(JSON.stringify(label)) + 1;
    const last = batches.at(-1);
    if (last && last.length < maxFeedbackLabels && bytes + own < maxFeedbackBytes) {
      last.push(label);
      bytes += own;
    } else {
      batches.push([label]);
      bytes = 64 + own;
    }
  }
  return batches;
}

function safely(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
