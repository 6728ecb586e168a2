import type { Cloud } from "../../cloud";
import type { Service } from "../../service";
import { AllocationTags } from "./allocation-tags";
import { Bill, type PriceList } from "./bill";
import { meterCall } from "./by-call";
import { forecastOperations } from "./forecast";
import { reportOperations } from "./report-operations";
import { tagOperations } from "./tag-operations";

/** Cost Explorer over what the local cloud's resources used. */
export function createCostExplorer(cloud: Cloud, prices: PriceList): Service {
  const tags = new AllocationTags(cloud);
  const bill = new Bill(cloud, prices, tags);
  cloud.answered = (call, input, output) => meterCall(cloud, call, input, output);
  return {
    id: "ce",
    operations: { ...reportOperations(cloud, bill), ...forecastOperations(cloud, bill), ...tagOperations(tags, bill) },
  };
}
