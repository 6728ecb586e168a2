import { createHash } from "node:crypto";
import { z } from "zod";
import { experimentId, experimentModes, releasedModel } from "../contract/desired-release";
import { documentSchema } from "../contract/documents";
import { experimentEndings } from "../contract/experiment";
import { canonicalJson, type Json } from "../lifecycle/canonical";
import type { LedgerEntry } from "./chain";
import type { Ledger } from "./ledger";
import { type ReleaseContent, releaseId } from "./release";

const common = {
  schema: z.literal(documentSchema.experiment),
  environment: z.string().min(1),
  id: experimentId,
  /** ISO 8601 in UTC, service time. */
  at: z.iso.datetime(),
};
const model = releasedModel.pick({ modelPackageArn: true, modelSha256: true, imageUri: true }).strict();
const json = z.record(z.string(), z.json());

/** Before any traffic: what is asked, of which models, by which rules, and what the plan said of it. */
const designed = z.strictObject({
  ...common,
  event: z.literal("designed"),
  mode: z.enum(experimentModes),
  samplePercent: z.number().gt(0).max(100).optional(),
  champion: model,
  challenger: model,
  /** `ExperimentDesign`. */
  design: json,
  /** `ExperimentPlan`, with the traffic and the prices that it was made from. */
  plan: json,
});

/** The challenger is there and passed its tests; the first look follows. */
const started = z.strictObject({ ...common, event: z.literal("started"), endpointConfigName: z.string().min(1) });

const ended = z.strictObject({
  ...common,
  event: z.literal("ended"),
  outcome: z.enum(experimentEndings),
  reasons: z.array(z.string()).min(1),
  /** SHA-256 of the looks that it follows from (`course.json`), hexadecimal; absent where nobody looked. */
  courseSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});

const experimentRecord = z.discriminatedUnion("event", [designed, started, ended]);

/** An entry of the ledger about an experiment. */
export type ExperimentRecord = Readonly<z.infer<typeof experimentRecord>>;
type Of<Event extends ExperimentRecord["event"]> = Extract<ExperimentRecord, { event: Event }>;
export type ExperimentDesigned = Of<"designed">;

/** An experiment by its entries in the ledger. */
export interface Experiment {
  readonly id: string;
  readonly designed: ExperimentDesigned;
  readonly started: Of<"started"> | undefined;
  readonly ended: Of<"ended"> | undefined;
}

/** A record that breaks its schema, or comes out of turn; nothing was written. */
export class InvalidExperimentRecord extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`not a record of an experiment: ${problems.join("; ")}`);
    this.name = "InvalidExperimentRecord";
  }
}

const kindOfEntry = "experiment";

/**
 * The experiment's id: `x-` and 48 bits of the SHA-256 over what it asks. The same until it ends, so that a command that
 * was killed finds its own; after that another one, though it asks the same again.
 * @param before experiments that have ended in the environment.
 */
export function experimentIdOf(
  environment: string,
  { champion, challenger }: { readonly champion: ReleaseContent; readonly challenger: ReleaseContent },
  asked: Json,
  before: number,
): string {
  return `x-${createHash("sha256")
    .update(canonicalJson([environment, releaseId(champion), releaseId(challenger), asked, before]))
    .digest("hex")
    .slice(0, 12)}`;
}

/**
 * Writes a record into its environment's ledger; one that is there already counts as written.
 * @param by ARN of who did it.
 * @throws InvalidExperimentRecord; LedgerBroken, LedgerBusy of the ledger.
 */
export async function recordExperiment(
  ledger: Pick<Ledger, "append" | "entries">,
  record: ExperimentRecord,
  by: string,
): Promise<void> {
  const parsed = experimentRecord.safeParse(record);
  if (!parsed.success)
    throw new InvalidExperimentRecord(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`));
  const { id, event, environment } = parsed.data;
  const known = (await listExperiments(ledger, environment)).find((one) => one.id === id);
  if (known?.[event]) return;
  if (event === "designed" ? known !== undefined : known === undefined || known.ended !== undefined)
    throw new InvalidExperimentRecord([`event: ${id} cannot be ${event} now`]);
  // A member that is absent and one that is undefined are the same in JSON.
  const body = JSON.parse(JSON.stringify(parsed.data)) as Record<string, never>;
  await ledger.append({ at: parsed.data.at, by, kind: kindOfEntry, subject: id, body });
}

/**
 * All experiments of an environment, oldest first.
 * @throws LedgerBroken; InvalidExperimentRecord when an intact entry is no record we know.
 */
export async function listExperiments(ledger: Pick<Ledger, "entries">, environment: string): Promise<Experiment[]> {
  const found = new Map<string, Experiment>();
  for (const entry of (await ledger.entries()).filter(({ kind }) => kind === kindOfEntry)) {
    const record = readEntry(entry);
    if (record.environment !== environment) continue;
    const known = found.get(record.id);
    if (record.event === "designed")
      found.set(record.id, { id: record.id, designed: record, started: undefined, ended: undefined });
    else if (known) found.set(record.id, { ...known, [record.event]: record });
    else throw new InvalidExperimentRecord([`ledger entry ${entry.sequence}: ${record.id} has no design`]);
  }
  return [...found.values()];
}

/** The one that has not ended; an endpoint has one at a time. */
export function openExperiment(experiments: readonly Experiment[]): Experiment | undefined {
  return experiments.findLast(({ ended }) => ended === undefined);
}

function readEntry({ sequence, body }: LedgerEntry): ExperimentRecord {
  const parsed = experimentRecord.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new InvalidExperimentRecord(
    parsed.error.issues.map(({ path, message }) => `ledger entry ${sequence}: ${path.join(".")}: ${message}`),
  );
}
