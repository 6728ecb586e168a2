import { localDisk } from "../../contract/hosts/disks";
import { amount, rate } from "../amounts";
import { Inputs } from "../inputs";
import type { Part, World } from "../pricer";

/** Jobs of one kind, as often as they run in a month. */
export interface Jobs {
  readonly name: string;
  readonly component: "training" | "processing";
  /** `InstanceType`, `InstanceCount`, `VolumeSizeInGB`, as the SageMaker API has them. */
  readonly cluster: Readonly<Record<string, unknown>>;
  readonly runs: number;
  /** Of one run. */
  readonly hours: number;
  /** The longest that one run may take. */
  readonly maxHours?: number;
  /** Share of the on-demand price, when it runs on spot capacity. */
  readonly spotShare?: number;
}

/** What instances of a job cost, with their volumes. */
export function clusterPart(jobs: Jobs, { prices, assume }: World): Part {
  const cluster = new Inputs(jobs.cluster);
  const type = cluster.text("InstanceType");
  const count = cluster.number("InstanceCount", 1);
  const hourly = prices.usd(`sagemaker.${jobs.component}.${type}`) * (jobs.spotShare ?? 1);
  // Where instances bring disks of their own SageMaker adds and bills no volume.
  const gigabytes = localDisk(type) ? 0 : cluster.number("VolumeSizeInGB", 0);
  const volume = gigabytes === 0 ? 0 : (gigabytes * prices.usd("sagemaker.volume")) / assume.hoursPerMonth;
  const perHour = count * (hourly + volume);
  const spot = jobs.spotShare === undefined ? "" : ` (spot, ${amount(jobs.spotShare * 100)} % of on-demand)`;
  return {
    usd: jobs.runs * jobs.hours * perHour,
    ...(jobs.maxHours === undefined ? {} : { atMostUsd: jobs.runs * jobs.maxHours * perHour }),
    how: `${jobs.name}: ${amount(jobs.runs)} runs x ${amount(jobs.hours)} h x ${count} ${type} at ${rate(hourly)}${spot}${volume > 0 ? ` and ${gigabytes} GB` : ""}`,
  };
}
