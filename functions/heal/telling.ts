import type { EventBus } from "../../aws/eventbridge";
import { platformSource } from "../../contract/events";
import { watchEvent } from "../../contract/monitoring";
import { type Incident, type RemediationEntry, remediationEntriesPrefix } from "../../contract/remediation";
import { escalationNotice, healedNotice } from "../../lifecycle/remediation/notice";
import type { RemediationBook } from "../../records/remediation-book";
import type { Place } from "./look";

/** Writes down what was found and done, and tells people what they should know. */
export class Telling {
  constructor(
    private readonly place: Pick<Place, "environment" | "bucket">,
    private readonly book: Pick<RemediationBook, "enter">,
    private readonly bus: Pick<EventBus, "put">,
    private readonly nowMs: number,
  ) {}

  /** What is right again, by the healer or by somebody else. */
  async settled(healed: readonly Incident[]): Promise<void> {
    for (const incident of healed) {
      const byUs = incident.tries.length > 0;
      await this.enter("verify", incident, ["the look found it right"], byUs ? "healed" : "right again");
      if (byUs)
        await this.bus.put(platformSource("platform"), watchEvent.violationHealed, healedNotice(incident, this.about));
    }
  }

  async escalated(incident: Incident, reasons: readonly string[]): Promise<void> {
    await this.bus.put(
      platformSource("platform"),
      watchEvent.violationEscalated,
      escalationNotice(incident, reasons, this.about),
    );
    await this.enter("escalate", incident, reasons, "people were told");
  }

  /** Writes a step down. The same step of the same violation is one entry, however often it is written. */
  async enter(
    rung: RemediationEntry["rung"],
    { id, violation, resource, actor, seenMs, tries }: Incident,
    reasons: readonly string[],
    outcome: string,
  ): Promise<void> {
    const at = new Date(this.nowMs).toISOString();
    const step = `${new Date(seenMs).toISOString().replace(/\W/g, "")}-${id.replace(/[^\w-]+/g, "_").slice(0, 120)}`;
    await this.book.enter({
      id: `${step}-${rung}${rung === "fix" ? tries.length : ""}-${at.replace(/\W/g, "")}`,
      at,
      environment: this.place.environment,
      rung,
      violation,
      resource,
      ...(actor === undefined ? {} : { actor }),
      reasons: [...reasons],
      outcome,
    });
  }

  private get about() {
    const { bucket, environment } = this.place;
    return { environment, evidence: `s3://${bucket}/${remediationEntriesPrefix}` };
  }
}
