import type { Cloud } from "../../cloud";
import { AwsError } from "../../errors";
import type { Target } from "./delivery/engine";
import type { Table } from "../../journal";
import type { EventEnvelope } from "./transform";

export interface Bus {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly kmsKeyIdentifier?: string;
  readonly deadLetterConfig?: { readonly Arn?: string };
  /** Resource policy, JSON. */
  readonly policy?: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

export interface Rule {
  readonly arn: string;
  readonly name: string;
  readonly busName: string;
  readonly pattern?: string;
  readonly schedule?: string;
  readonly state: string;
  readonly description?: string;
  readonly roleArn?: string;
  readonly createdBy: string;
  /** The time from which a rate counts: when the rule was made, changed or enabled. */
  readonly anchorMs: number;
  readonly targets: readonly Target[];
}

/** Keeps the events of a bus that match its pattern. */
export interface Archive {
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  readonly busArn: string;
  readonly description?: string;
  readonly pattern?: string;
  readonly kmsKeyIdentifier?: string;
  /** 0: for ever. */
  readonly retentionDays: number;
  readonly createdMs: number;
}

export interface ArchivedEvent {
  readonly archive: string;
  readonly atMs: number;
  readonly event: EventEnvelope;
}

/** Events of an archive that were sent to their bus once more. */
export interface Replay {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly archiveArn: string;
  readonly busArn: string;
  /** Rules that alone get the events; all of the bus when absent. */
  readonly filter?: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: "COMPLETED";
  readonly startedMs: number;
  readonly lastMs?: number;
}

/** Buses, rules with their targets, archives and tags, in the journal. */
export class EventStore {
  readonly buses: Table<Bus>;
  readonly rules: Table<Rule>;
  readonly tags: Table<Record<string, string>>;
  readonly archives: Table<Archive>;
  readonly archived: Table<ArchivedEvent>;
  readonly replays: Table<Replay>;

  constructor(readonly cloud: Cloud) {
    this.buses = cloud.journal.table("events/buses");
    this.rules = cloud.journal.table("events/rules");
    this.tags = cloud.journal.table("events/tags");
    this.archives = cloud.journal.table("events/archives");
    this.archived = cloud.journal.table("events/archived");
    this.replays = cloud.journal.table("events/replays");
    if (!this.buses.has("default")) {
      const now = cloud.clock.nowMs();
      this.buses.put("default", {
        name: "default",
        arn: cloud.arn("events", "event-bus/default"),
        createdMs: now,
        modifiedMs: now,
      });
    }
  }

  /** @param nameOrArn the default bus when absent. @throws ResourceNotFoundException. */
  bus(nameOrArn: string | undefined): Bus {
    const name = busName(nameOrArn);
    const found = this.buses.get(name);
    if (!found) throw new AwsError("ResourceNotFoundException", `Event bus ${name} does not exist.`);
    return found;
  }

  ruleArn(bus: string, name: string): string {
    return this.cloud.arn("events", bus === "default" ? `rule/${name}` : `rule/${bus}/${name}`);
  }

  /** @throws ResourceNotFoundException. */
  rule(name: string, bus: string | undefined): Rule {
    const found = this.rules.get(ruleKey(this.bus(bus).name, name));
    if (!found)
      throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus ${busName(bus)}.`);
    return found;
  }

  /** @throws ResourceNotFoundException. */
  archive(name: string): Archive {
    const found = this.archives.get(name);
    if (!found) throw new AwsError("ResourceNotFoundException", `Archive ${name} does not exist.`);
    return found;
  }

  rulesOf(bus: string): Rule[] {
    return [...this.rules.values()].filter((rule) => rule.busName === bus);
  }

  putRule(rule: Rule): void {
    this.rules.put(ruleKey(rule.busName, rule.name), rule);
  }

  dropRule(rule: Rule): void {
    this.rules.delete(ruleKey(rule.busName, rule.name));
    this.tags.delete(rule.arn);
  }

  /** Whether the ARN is one of a bus or rule that exists. */
  exists(arn: string): boolean {
    return (
      [...this.buses.values()].some((bus) => bus.arn === arn) ||
      [...this.rules.values()].some((rule) => rule.arn === arn)
    );
  }
}

export function busName(nameOrArn: string | undefined): string {
  return (nameOrArn ?? "default").replace(/^arn:[^/]*event-bus\//, "");
}

function ruleKey(bus: string, name: string): string {
  return `${bus}#${name}`;
}

/** The rule is one of those that react. */
export function isEnabled(rule: Rule): boolean {
  return rule.state !== "DISABLED";
}
