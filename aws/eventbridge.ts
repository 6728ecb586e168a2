import {
  DeleteRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type Target,
} from "@aws-sdk/client-eventbridge";
import { type AwsSession, clientSettings } from "./session";
import { tagList } from "./tagging";

/** Rules of the account's default bus. */
export class Rules {
  private readonly client: EventBridgeClient;

  constructor(session: AwsSession) {
    this.client = new EventBridgeClient(clientSettings(session));
  }

  /** A rule with one target. @returns its ARN. @throws Error where EventBridge did not take the target. */
  async create(
    name: string,
    pattern: object,
    target: Omit<Target, "Id">,
    tags: Readonly<Record<string, string>>,
  ): Promise<string> {
    const Tags = tagList(tags);
    const { RuleArn } = await this.client.send(
      new PutRuleCommand({ Name: name, EventPattern: JSON.stringify(pattern), Tags }),
    );
    const { FailedEntries = [] } = await this.client.send(
      new PutTargetsCommand({ Rule: name, Targets: [{ ...(target as Target), Id: "one" }] }),
    );
    if (FailedEntries[0]) throw new Error(`${name} has no target: ${FailedEntries[0].ErrorMessage}`);
    return RuleArn!;
  }

  /** Puts an event of one's own. @throws Error where it was not taken. */
  async put(source: string, detailType: string, detail: object): Promise<void> {
    const { Entries = [] } = await this.client.send(
      new PutEventsCommand({ Entries: [{ Source: source, DetailType: detailType, Detail: JSON.stringify(detail) }] }),
    );
    if (Entries[0]?.ErrorCode) throw new Error(`${Entries[0].ErrorCode}: ${Entries[0].ErrorMessage}`);
  }

  async named(start: string): Promise<string[]> {
    const names: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.client.send(new ListRulesCommand({ NamePrefix: start, NextToken }));
      names.push(...(page.Rules ?? []).map(({ Name }) => Name!));
      NextToken = page.NextToken;
    } while (NextToken);
    return names;
  }

  /** Names of the rules of a bus that start so, and whether they are on. */
  async states(start: string, EventBusName: string): Promise<{ readonly name: string; readonly enabled: boolean }[]> {
    const found: { name: string; enabled: boolean }[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.client.send(new ListRulesCommand({ NamePrefix: start, EventBusName, NextToken }));
      found.push(...(page.Rules ?? []).map(({ Name, State }) => ({ name: Name!, enabled: State !== "DISABLED" })));
      NextToken = page.NextToken;
    } while (NextToken);
    return found;
  }

  async enable(Name: string, EventBusName: string): Promise<void> {
    await this.client.send(new EnableRuleCommand({ Name, EventBusName }));
  }

  /** Deletes a rule with its targets. */
  async delete(name: string): Promise<void> {
    const { Targets = [] } = await this.client.send(new ListTargetsByRuleCommand({ Rule: name }));
    if (Targets.length > 0)
      await this.client.send(new RemoveTargetsCommand({ Rule: name, Ids: Targets.map(({ Id }) => Id!) }));
    await this.client.send(new DeleteRuleCommand({ Name: name }));
  }
}

/** A bus of one's own. */
export class EventBus {
  private readonly client: EventBridgeClient;

  constructor(
    session: AwsSession,
    readonly name: string,
  ) {
    this.client = new EventBridgeClient(clientSettings(session));
  }

  /** @throws Error where the event was not taken: PutEvents succeeds even then. */
  async put(source: string, detailType: string, detail: object): Promise<void> {
    const { Entries = [] } = await this.client.send(
      new PutEventsCommand({
        Entries: [{ EventBusName: this.name, Source: source, DetailType: detailType, Detail: JSON.stringify(detail) }],
      }),
    );
    if (Entries[0]?.ErrorCode) throw new Error(`${Entries[0].ErrorCode}: ${Entries[0].ErrorMessage}`);
  }
}
