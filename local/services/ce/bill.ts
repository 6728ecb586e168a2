import { costChecks } from "../../checks/costs";
import type { Cloud } from "../../cloud";
import type { Tags, Usage } from "../../metering/meter";
import type { AllocationTags } from "./allocation-tags";

/** US dollars for one unit, by the name of the unit's price. */
export type PriceList = Readonly<Record<string, number>>;

/** A line of the bill: usage of an hour, with what it costs and the tags that count. */
export interface Line {
  readonly hourMs: number;
  readonly usd: number;
  readonly quantity: number;
  readonly unit: string;
  readonly tags: Tags;
  /** By Cost Explorer's names of dimensions. */
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What usage types begin with; in us-east-1 some have none, which is not told apart here. */
const regionLetters: Readonly<Record<string, string>> = {
  "eu-central-1": "EUC1",
  "eu-west-1": "EUW1",
  "us-east-1": "USE1",
  "us-east-2": "USE2",
  "us-west-2": "USW2",
};

/** Bills by usage type what the meter counted: usage times price, as late as AWS is. */
export class Bill {
  constructor(
    private readonly cloud: Cloud,
    private readonly prices: PriceList,
    private readonly tags: AllocationTags,
  ) {}

  /**
   * What is on the bill by now.
   * @throws AwsError where something that was used has no price: a sum without it would be wrong.
   */
  lines(): Line[] {
    const usage = this.seen();
    const unpriced = new Set(usage.map(({ item }) => item.price).filter((price) => this.prices[price] === undefined));
    if (unpriced.size > 0) throw costChecks.priced([...unpriced].sort().join(", "));
    return usage.map((one) => this.line(one));
  }

  /** Usage that has come to the bill. */
  seen(): Usage[] {
    const { meter, clock, lags } = this.cloud;
    const untilMs = clock.nowMs() - lags.costMs;
    return meter.usage().filter(({ hourMs }) => hourMs <= untilMs);
  }

  private line({ hourMs, item, amount, tags }: Usage): Line {
    const { region, accountId } = this.cloud;
    return {
      hourMs,
      usd: amount * this.prices[item.price]!,
      quantity: amount,
      unit: item.unit,
      tags: this.tags.counting(tags, hourMs),
      dimensions: {
        SERVICE: item.service,
        USAGE_TYPE: `${regionLetters[region] ?? region}-${item.usageType}`,
        OPERATION: item.operation,
        INSTANCE_TYPE: item.instanceType ?? "NoInstanceType",
        LINKED_ACCOUNT: accountId,
        REGION: region,
        RECORD_TYPE: "Usage",
      },
    };
  }
}
