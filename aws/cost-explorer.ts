import { createHash } from "node:crypto";
import {
  CostExplorerClient,
  type Expression,
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandInput,
  type GroupDefinition,
  ListCostAllocationTagsCommand,
  UpdateCostAllocationTagsStatusCommand,
} from "@aws-sdk/client-cost-explorer";
import { type AwsSession, clientSettings } from "./session";

/** What Cost Explorer is asked: costs of a time, told apart by at most two things. */
export interface CostQuery {
  /** First day, `2026-11-01`. */
  readonly from: string;
  /** The day after the last one. */
  readonly to: string;
  readonly granularity: "DAILY" | "MONTHLY";
  /** Dimensions (`SERVICE`, `USAGE_TYPE`) and tags (`tag:environment`); at most two. */
  readonly by: readonly string[];
  /** Only what carries these tags. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** A line of an answer. */
export interface CostRow {
  readonly from: string;
  readonly to: string;
  /** In the order of `by`; empty text where a tag is missing. */
  readonly keys: readonly string[];
  /** Unblended cost. */
  readonly usd: number;
  readonly quantity: number;
  /** Undefined where several things with different units are added up. */
  readonly unit: string | undefined;
  /** The bill of that time is not final. */
  readonly estimated: boolean;
}

/** Answers that were paid for, kept for a while. */
export interface AnswerCache {
  /** @param now by AWS's clock. @returns undefined where there is none, or it is too old. */
  get(key: string, now: Date): string | undefined;
  put(key: string, answer: string, now: Date): void;
}

/** US dollars for a request, each page of an answer counted (AWS Cost Explorer, pricing). */
export const usdPerRequest = 0.01;

/** Cost Explorer. Each request costs money, so answers are kept, and requests counted. */
export class CostExplorer {
  private readonly client: CostExplorerClient;
  /** Requests that AWS bills. */
  paidRequests = 0;
  /** Questions that the cache answered. */
  cachedAnswers = 0;

  constructor(
    session: AwsSession,
    /** Whose costs they are: answers of one account are no answers of another. */
    private readonly accountId: string,
    /** By AWS's clock: how old an answer is. */
    private readonly now: Date,
    private readonly cache?: AnswerCache,
  ) {
    this.client = new CostExplorerClient(clientSettings(session));
  }

  /** Costs and usage, by what was asked for. */
  async usage(query: CostQuery): Promise<CostRow[]> {
    const key = createHash("sha256")
      .update(JSON.stringify([this.accountId, query]))
      .digest("hex");
    const kept = this.cache?.get(key, this.now);
    if (kept !== undefined) {
      this.cachedAnswers += 1;
      return JSON.parse(kept) as CostRow[];
    }
    const rows = await this.ask(query);
    this.cache?.put(key, JSON.stringify(rows), this.now);
    return rows;
  }

  /** Keys of the tags by which costs can be told apart, and whether they are. */
  async allocationTags(): Promise<ReadonlyMap<string, boolean>> {
    const tags = new Map<string, boolean>();
    let NextToken: string | undefined;
    do {
      const answer = await this.client.send(
        new ListCostAllocationTagsCommand({ Type: "UserDefined", ...(NextToken ? { NextToken } : {}) }),
      );
      for (const { TagKey, Status } of answer.CostAllocationTags ?? []) tags.set(TagKey!, Status === "Active");
      NextToken = answer.NextToken;
    } while (NextToken);
    return tags;
  }

  /** Has costs told apart by these tags from now on. @returns the keys that AWS refused, with its reasons. */
  async activate(keys: readonly string[]): Promise<{ readonly key: string; readonly reason: string }[]> {
    const answer = await this.client.send(
      new UpdateCostAllocationTagsStatusCommand({
        CostAllocationTagsStatus: keys.map((TagKey) => ({ TagKey, Status: "Active" })),
      }),
    );
    return (answer.Errors ?? []).map(({ TagKey, Code, Message }) => ({
      key: TagKey!,
      reason: `${Code}: ${Message}`,
    }));
  }

  private async ask({ from, to, granularity, by, tags = {} }: CostQuery): Promise<CostRow[]> {
    const filter = filterOf(tags);
    const request: GetCostAndUsageCommandInput = {
      TimePeriod: { Start: from, End: to },
      Granularity: granularity,
      Metrics: ["UnblendedCost", "UsageQuantity"],
      ...(by.length > 0 ? { GroupBy: by.map(groupOf) } : {}),
      ...(filter ? { Filter: filter } : {}),
    };
    const rows: CostRow[] = [];
    let NextPageToken: string | undefined;
    do {
      const answer = await this.client.send(
        new GetCostAndUsageCommand({ ...request, ...(NextPageToken ? { NextPageToken } : {}) }),
      );
      this.paidRequests += 1;
      for (const { TimePeriod, Total, Groups = [], Estimated } of answer.ResultsByTime ?? []) {
        const groups = by.length > 0 ? Groups : [{ Keys: [], Metrics: Total }];
        for (const { Keys = [], Metrics } of groups)
          rows.push({
            from: TimePeriod!.Start!,
            to: TimePeriod!.End!,
            keys: Keys.map((key, index) => valueOf(by[index]!, key)),
            usd: Number(Metrics?.["UnblendedCost"]?.Amount ?? 0),
            quantity: Number(Metrics?.["UsageQuantity"]?.Amount ?? 0),
            unit: unitOf(Metrics?.["UsageQuantity"]?.Unit),
            estimated: Estimated === true,
          });
      }
      NextPageToken = answer.NextPageToken;
    } while (NextPageToken);
    return rows;
  }
}

const tagPrefix = "tag:";

function groupOf(by: string): GroupDefinition {
  return by.startsWith(tagPrefix) ? { Type: "TAG", Key: by.slice(tagPrefix.length) } : { Type: "DIMENSION", Key: by };
}

/** Keys of tags come as `<tag>$<value>`. */
function valueOf(by: string, key: string): string {
  return by.startsWith(tagPrefix) ? key.slice(key.indexOf("$") + 1) : key;
}

function unitOf(unit: string | undefined): string | undefined {
  return unit === undefined || unit === "N/A" || unit === "" ? undefined : unit;
}

function filterOf(tags: Readonly<Record<string, string>>): Expression | undefined {
  const each = Object.entries(tags).map(([Key, value]): Expression => ({
    Tags: { Key, Values: [value], MatchOptions: ["EQUALS"] },
  }));
  // `And` takes two members or more.
  return each.length > 1 ? { And: each } : each[0];
}
