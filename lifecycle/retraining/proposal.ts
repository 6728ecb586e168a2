import { createHash } from "node:crypto";
import { z } from "zod";
import {
  driftDetail,
  monitoringMetric,
  qualityDetail,
  type RetrainingProposal,
  retrainingProposal,
  watchEvent,
} from "../../contract/monitoring";

/** An event on the environment's bus, as far as a proposal needs it (EventBridge user guide, "Event structure"). */
const envelope = z.object({
  id: z.string().min(1),
  time: z.iso.datetime(),
  source: z.string(),
  "detail-type": z.enum([watchEvent.drift, watchEvent.quality, watchEvent.retrainingProposed]),
  detail: z.unknown(),
});

/** What a message in the queue of proposals says. */
export interface ReadProposal {
  /** When it was said, ISO 8601. */
  readonly at: string;
  /** Who said it: source of the event, or the queue's word for the sender. */
  readonly by: string;
  readonly proposal: RetrainingProposal;
}

/** Who sent a message and when, by the queue's own knowledge. */
export interface Sender {
  readonly id: string;
  readonly sentAt: string;
}

/** Metrics of 0 to 1, in which a shortfall can be counted. */
const shares: readonly string[] = [
  monitoringMetric.estimatedMap50,
  monitoringMetric.precision,
  monitoringMetric.recall,
  monitoringMetric.f1,
  monitoringMetric.map50,
];

/**
 * A message as a proposal. Events come by rules; what a role's session sent is a person's, whatever it says of itself.
 * @param reference mAP50 of the released model on its test split; undefined where none is known.
 * @throws Error naming everything that is wrong with a message.
 */
export function readProposal(body: string, sender: Sender, reference: number | undefined): ReadProposal {
  const message: unknown = JSON.parse(body);
  if (sentByRole(sender)) {
    const proposal = parsed(retrainingProposal, message, "no proposal of a person");
    if (proposal.trigger !== "person") throw new Error(`${sender.id} is a person, and proposes as ${proposal.trigger}`);
    return { at: sender.sentAt, by: sender.id, proposal };
  }
  const event = parsed(envelope, message, "no event that proposes anything");
  return { at: event.time, by: event.source, proposal: proposalOf(event, reference) };
}

/** Sessions of roles have ids that begin so (IAM user guide, "Unique identifiers"); EventBridge's has not. */
const sentByRole = ({ id }: Sender): boolean => id.startsWith("AROA") || id.startsWith("AIDA");

function proposalOf(event: z.infer<typeof envelope>, reference: number | undefined): RetrainingProposal {
  switch (event["detail-type"]) {
    case watchEvent.retrainingProposed:
      return parsed(retrainingProposal, event.detail, "no proposal");
    case watchEvent.drift: {
      const drift = parsed(driftDetail, event.detail, "no event of drift");
      const estimated = drift.estimatedMap50 ?? undefined;
      return {
        ...about(event, drift),
        trigger: "drift",
        shortfall: estimated === undefined || reference === undefined ? null : Math.max(0, reference - estimated),
      };
    }
    case watchEvent.quality: {
      const quality = parsed(qualityDetail, event.detail, "no event of quality");
      return {
        ...about(event, quality),
        trigger: "quality",
        classes: quality.classes,
        slices: quality.slices,
        shortfall: shares.includes(quality.metric) ? Math.max(0, quality.objective - quality.value) : null,
      };
    }
  }
}

function about(
  event: z.infer<typeof envelope>,
  told: { message: string; endpoint?: string; modelSha256?: string; variants?: string[]; evidence?: string },
): Omit<RetrainingProposal, "trigger" | "shortfall"> {
  const { message, endpoint, modelSha256, variants, evidence } = told;
  // Known by what it says: EventBridge may deliver an event twice, and whoever sends one may send it again, which gives
  // it another id. Each window says something else, and counts as an observation of its own.
  const says = createHash("sha256").update(JSON.stringify(event.detail)).digest("hex");
  return {
    key: `${event["detail-type"].toLowerCase().replaceAll(" ", "-")}/${says.slice(0, 32)}`,
    reason: message.slice(0, 1000),
    classes: [],
    slices: [],
    endpoint,
    modelSha256,
    variants,
    evidence,
  };
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const read = schema.safeParse(value);
  if (!read.success) throw new Error(`the message is ${what}:\n${z.prettifyError(read.error)}`);
  return read.data;
}
