import type {
  ListCostAllocationTagsCommandInput,
  ListCostAllocationTagsCommandOutput,
  UpdateCostAllocationTagsStatusCommandInput,
  UpdateCostAllocationTagsStatusCommandOutput,
} from "@aws-sdk/client-cost-explorer";
import { costChecks } from "../../checks/costs";
import { type Fidelity, operation } from "../../operation";
import { page } from "../pages";
import type { AllocationTags } from "./allocation-tags";
import type { Bill } from "./bill";
import { anywhere } from "./requirements";

const executed: Fidelity = {
  level: "executed",
  note: "A key can be activated once usage with it has come to the bill, and counts for usage from its activation on",
};

/** Which tags costs are allocated by. AWS has it in the payer's account alone; here there is one account. */
export const tagOperations = (tags: AllocationTags, bill: Bill) => {
  const lastUsed = (): Map<string, number> => {
    const seen = new Map<string, number>();
    for (const { hourMs, tags: own } of bill.seen())
      for (const key of Object.keys(own)) seen.set(key, Math.max(seen.get(key) ?? 0, hourMs));
    return seen;
  };
  return {
    ListCostAllocationTags: operation<ListCostAllocationTagsCommandInput, ListCostAllocationTagsCommandOutput>({
      requires: anywhere,
      fidelity: executed,
      handle: ({ Status: status, TagKeys: wanted, Type: type, MaxResults = 100, NextToken }) => {
        const all = [...lastUsed()]
          .map(([TagKey, usedMs]) => ({
            TagKey,
            Type: "UserDefined" as const,
            Status: tags.isActive(TagKey) ? ("Active" as const) : ("Inactive" as const),
            ...(tags.changedMs(TagKey) ? { LastUpdatedDate: dateTime(tags.changedMs(TagKey)!) } : {}),
            LastUsedDate: dateTime(usedMs),
          }))
          .filter((one) => !status || one.Status === status)
          .filter((one) => !type || one.Type === type)
          .filter((one) => !wanted || wanted.includes(one.TagKey))
          .sort((one, other) => (one.TagKey < other.TagKey ? -1 : 1));
        const { items, next } = page(all, NextToken, MaxResults);
        return { CostAllocationTags: items, ...(next ? { NextToken: next } : {}) };
      },
    }),

    UpdateCostAllocationTagsStatus: operation<
      UpdateCostAllocationTagsStatusCommandInput,
      UpdateCostAllocationTagsStatusCommandOutput
    >({
      requires: anywhere,
      fidelity: executed,
      handle: ({ CostAllocationTagsStatus: changes }) => {
        if (changes.length > 20) throw costChecks.tagBatch();
        const known = lastUsed();
        const errors = [];
        for (const { TagKey, Status } of changes) {
          if (known.has(TagKey) || tags.changedMs(TagKey) !== undefined) tags.set(TagKey, Status === "Active");
          else errors.push({ TagKey, Code: "TagKeysNotFoundException", Message: "Tag keys not found" });
        }
        return { Errors: errors };
      },
    }),
  };
};

/** As AWS writes it, in whole seconds. */
function dateTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}
