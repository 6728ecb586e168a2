import { z } from "zod";
import { AlarmSettings } from "../aws/alarms";
import { BucketSettings } from "../aws/bucket-settings";
import { Trails } from "../aws/cloudtrail";
import { EventBus, Rules } from "../aws/eventbridge";
import { enableKey, keepKey, keyState } from "../aws/kms";
import { Functions } from "../aws/lambda";
import { Logs } from "../aws/logs";
import { RoleLimiter } from "../aws/role-limits";
import { ObjectStore } from "../aws/s3";
import { SageMakerRepair } from "../aws/sagemaker-repair";
import { Schedules } from "../aws/scheduler";
import { functionSession } from "../aws/session";
import { scheduledTick } from "../contract/events";
import { roleOfArn } from "../contract/names";
import { lockKey } from "../contract/places";
import {
  type DesiredFacts,
  type Incident,
  type Part,
  parts as allParts,
  type RemediationMode,
  remediationModes,
  violations,
  type Waiver,
  waiver,
} from "../contract/remediation";
import { readVariables } from "../contract/variables";
import { callEvent, changeOf, partOf } from "../lifecycle/remediation/change";
import { findViolations } from "../lifecycle/remediation/find";
import { findingId } from "../lifecycle/remediation/finding";
import {
  noteChange,
  noteEscalated,
  noteFailed,
  noteHealed,
  type Step,
  takeStock,
} from "../lifecycle/remediation/ladder";
import { RemediationBook } from "../records/remediation-book";
import { readFacts } from "./heal/facts";
import { look, type Place } from "./heal/look";
import type { Account } from "./heal/ports";
import { repair } from "./heal/repair";
import { Telling } from "./heal/telling";

/** What the handler depends on. */
export interface Dependencies {
  readonly place: Place;
  /** ARN of the key that encrypts the data, the facts and the book among them. */
  readonly key: string;
  readonly mode: RemediationMode;
  readonly waivers: readonly Waiver[];
  readonly account: Account;
  readonly book: Pick<RemediationBook, "change" | "read" | "enter">;
  readonly bus: Pick<EventBus, "put">;
  readonly log: (line: string) => void;
}

const anything = z.union([callEvent, scheduledTick]);

/** A role of this name is the healer's own. */
const own = "heal";

/**
 * Compares the environment with its desired facts and puts right what somebody changed: after a call that changed
 * something, the part that it changed; on schedule, everything.
 * @returns what was done, for the log.
 * @throws Error for an event that is neither, where the facts are damaged, and where people could not be told: Lambda
 * tries again then.
 */
export async function heal(event: unknown, dependencies: Dependencies): Promise<string> {
  const parsed = anything.safeParse(event);
  if (!parsed.success) throw new Error(`the event is neither a call nor a tick:\n${z.prettifyError(parsed.error)}`);
  const found = parsed.data;
  if (found["detail-type"] === "Scheduled Event")
    return new Healer(dependencies, Date.parse(found.time)).climb(allParts);
  const call = callEvent.parse(found);
  const change = changeOf(call);
  const part = partOf(call);
  if (roleOfArn(change.actor)?.role === own) return "a call of its own";
  if (call.detail.errorCode !== undefined || part === undefined) return "nothing was changed";
  await dependencies.book.change((state) => ({ state: noteChange(state, change), result: undefined }));
  return new Healer(dependencies, Date.parse(call.time)).climb([part]);
}

class Healer {
  /** Parts that could not be looked at, and why. */
  private readonly failures: string[] = [];
  private readonly telling: Telling;

  constructor(
    private readonly dependencies: Dependencies,
    private readonly nowMs: number,
  ) {
    const { place, book, bus } = dependencies;
    this.telling = new Telling(place, book, bus, nowMs);
  }

  /** Looks, decides, acts and looks again. */
  async climb(parts: readonly Part[]): Promise<string> {
    const { account, place, book } = this.dependencies;
    const opened = await this.keepKey();
    const facts = await readFacts(account.objects, place.bucket);
    if (facts === undefined) return "there are no desired facts yet";
    const { steps, healed } = await this.stock(parts, facts);
    await this.telling.settled(healed);
    const done = await Promise.all(steps.filter(({ news }) => news).map((step) => this.act(step, facts)));
    const fixed = steps.filter(({ decision }) => decision.verdict === "fix");
    if (fixed.length > 0) await this.verify(fixed, facts);
    const escalated = steps.filter(({ decision }) => decision.verdict === "escalate");
    if (escalated.length > 0)
      await book.change((state) => ({
        state: noteEscalated(
          state,
          escalated.map(({ incident }) => incident.id),
          state.nowMs,
        ),
        result: undefined,
      }));
    const line =
      [...opened, ...done, ...healed.map(({ id }) => `${id}: right again`)].join("; ") || "all is as it ought to be";
    this.dependencies.log(line);
    // What else was found is dealt with; Lambda tries again, and then people are told by the dead letters.
    if (this.failures.length > 0) throw new Error(`not everything could be looked at: ${this.failures.join("; ")}`);
    return line;
  }

  /** Without the data's key nothing can be read, what ought to be included: it comes back before anything else. */
  private async keepKey(): Promise<readonly string[]> {
    const { account, key, mode } = this.dependencies;
    const state = await account.keys.state(key);
    const violation = state === "PendingDeletion" ? "key-deletion" : state === "Disabled" ? "key-disabled" : undefined;
    if (violation === undefined) return [];
    if (mode !== "on") throw new Error(`${key} is ${state}, and remediation is ${mode}: nothing can be read`);
    if (violation === "key-deletion") await account.keys.keep(key);
    await account.keys.enable(key);
    const resource = key.slice(key.lastIndexOf("/") + 1);
    const id = findingId({ violation, resource });
    const incident: Incident = {
      id,
      violation,
      resource,
      seenMs: this.nowMs,
      tries: [this.nowMs],
      rung: "verified",
      lastMs: this.nowMs,
    };
    await this.telling.enter("detect", incident, [`the key of the data is ${state}`], mode);
    await this.telling.enter("fix", incident, ["nothing can be read without it"], "done");
    await this.telling.settled([incident]);
    return [`${id}: the key is back`];
  }

  private async stock(parts: readonly Part[], facts: DesiredFacts) {
    const { account, book, place, mode, waivers } = this.dependencies;
    const [{ findings, looked, endpointBusy }, locked] = await Promise.all([
      this.see(parts, facts),
      account.objects.exists({ bucket: place.bucket, key: lockKey }),
    ]);
    return book.change((state) => {
      const nowMs = Math.max(this.nowMs, state.nowMs);
      const taken = takeStock(state, { parts: looked, findings, endpointBusy, mode, waivers, locked, nowMs });
      return { state: taken.state, result: taken };
    });
  }

  private async see(parts: readonly Part[], facts: DesiredFacts) {
    const { account, book, place, log } = this.dependencies;
    const { seen, looked, failures } = await look(parts, facts, (await book.read()).changes, account, place);
    for (const failure of failures) log(failure);
    this.failures.push(...failures);
    const endpointBusy = seen.endpoint != null && seen.endpoint.status !== "InService";
    return { findings: findViolations(facts, seen), looked, endpointBusy };
  }

  /** Looks once more at what was fixed. */
  private async verify(fixed: readonly Step[], facts: DesiredFacts): Promise<void> {
    const { book } = this.dependencies;
    const { findings, looked, endpointBusy } = await this.see(
      [...new Set(fixed.map(({ finding }) => violations[finding.violation]))],
      facts,
    );
    const wrong = new Set(findings.map(findingId));
    const right = fixed
      .filter(({ finding: { violation }, incident: { id } }) => {
        const part = violations[violation];
        return !wrong.has(id) && looked.includes(part) && !(endpointBusy && part === "endpoint");
      })
      .map(({ incident }) => incident.id);
    // An endpoint takes minutes; whatever else is still wrong has failed.
    const failed = fixed
      .map(({ incident }) => incident.id)
      .filter((id) => !right.includes(id) && (wrong.has(id) || !endpointBusy));
    const healed = await book.change((state) => {
      const { state: after, healed } = noteHealed(noteFailed(state, failed), right, state.nowMs);
      return { state: after, result: healed };
    });
    await this.telling.settled(healed);
  }

  private async act({ finding, incident, decision, first }: Step, facts: DesiredFacts): Promise<string> {
    const { account, mode } = this.dependencies;
    const { verdict, reasons } = decision;
    if (first) await this.telling.enter("detect", incident, finding.reasons, mode);
    switch (verdict) {
      case "wait":
        await this.telling.enter("wait", incident, reasons, "looked at again");
        return `${incident.id}: waits, ${reasons.join("; ")}`;
      case "record-only":
        await this.telling.enter("record", incident, reasons, "left alone");
        return `${incident.id}: left alone, ${reasons.join("; ")}`;
      case "escalate":
        await this.telling.escalated(incident, reasons);
        return `${incident.id}: escalated, ${reasons.join("; ")}`;
      case "fix": {
        const outcome = await repair(finding, facts, account).then(
          () => "done",
          (error: Error) => `failed: ${error.message}`,
        );
        await this.telling.enter("fix", incident, reasons, outcome);
        return `${incident.id}: fixed for the ${incident.tries.length}. time, ${outcome}`;
      }
      default:
        return verdict satisfies never;
    }
  }
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<string> {
  const { ENVIRONMENT, ARTIFACTS_BUCKET, EVENT_BUS, KEY, MODEL_PACKAGE_GROUP, MODE, WAIVERS } = readVariables(
    "heal",
    process.env,
  );
  const session = functionSession();
  const objects = new ObjectStore(session);
  const log = (line: string): void => void process.stdout.write(`${line}\n`);
  return heal(event, {
    place: { environment: ENVIRONMENT, bucket: ARTIFACTS_BUCKET, modelPackageGroup: MODEL_PACKAGE_GROUP },
    key: KEY,
    mode: z.enum(remediationModes).parse(MODE),
    waivers: z.array(waiver).parse(JSON.parse(WAIVERS)),
    account: {
      alarms: new AlarmSettings(session),
      buckets: new BucketSettings(session),
      functions: new Functions(session),
      keys: {
        state: (id) => keyState(session, id),
        keep: (id) => keepKey(session, id),
        enable: (id) => enableKey(session, id),
      },
      logs: new Logs(session),
      objects,
      roles: new RoleLimiter(session),
      rules: new Rules(session),
      sagemaker: new SageMakerRepair(session),
      schedules: new Schedules(session),
      trails: new Trails(session),
    },
    book: new RemediationBook(objects, ARTIFACTS_BUCKET, log),
    bus: new EventBus(session, EVENT_BUS),
    log,
  });
}
