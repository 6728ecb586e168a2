import { type BillLine, total } from "./bill";

/** A cost of one of many; unknown where a number is missing, and then it says which. */
export type UnitCost = { readonly usd: number; readonly how: string } | { readonly unknown: string };

const amount = (usd: number): string => `${usd.toFixed(usd < 1 ? 4 : 2)} USD`;

/** What 1,000 answered images cost: all that was paid for serving, shared by them. */
export function per1000Images(lines: readonly BillLine[], images: number | undefined): UnitCost {
  if (images === undefined) return { unknown: "how many images were answered was not measured" };
  if (images === 0) return { unknown: "no image was answered" };
  const usd = total(lines.filter(({ group }) => group === "serving"));
  if (usd === 0) return { unknown: "nothing is on the bill for serving yet" };
  return { usd: (1000 * usd) / images, how: `${amount(usd)} for serving, shared by ${images} images` };
}

/** A job, as far as it has a price. */
export interface JobUse {
  readonly name: string;
  readonly kind: "training" | "processing";
  /** Instances times hours times price; undefined where the instance type has no price. */
  readonly listUsd: number | undefined;
}

/** What a training cost. */
export interface TrainingCost {
  readonly name: string;
  readonly cost: UnitCost;
}

/**
 * What each training job cost: what was paid for jobs, shared among all jobs in proportion to what each costs by the
 * price table, so that discounts come to each. A bill tells no jobs apart.
 */
export function perTraining(lines: readonly BillLine[], jobs: readonly JobUse[]): TrainingCost[] {
  const billed = total(lines.filter(({ group }) => group === "training"));
  const unpriced = jobs.find(({ listUsd }) => listUsd === undefined);
  const list = jobs.reduce((sum, { listUsd }) => sum + (listUsd ?? 0), 0);
  const why = unpriced
    ? `${unpriced.name} ran on instances without a price`
    : billed === 0
      ? "nothing is on the bill for jobs yet"
      : list === 0
        ? "no job ran long enough to have a price"
        : undefined;
  return jobs
    .filter(({ kind }) => kind === "training")
    .map(({ name, listUsd }) => ({
      name,
      cost:
        why !== undefined
          ? { unknown: why }
          : {
              usd: (billed * listUsd!) / list,
              how: `${amount(listUsd!)} by the price table, of ${amount(list)} for ${jobs.length} jobs; ${amount(billed)} was billed`,
            },
    }));
}

/** An arm of an experiment: a variant beside another one on the same endpoint. */
export interface ArmUse {
  readonly arm: string;
  /** Instances, each for an hour, in the experiment's time. */
  readonly instanceHours: number;
  /** Requests that it answered. */
  readonly requests: number;
}

export interface ArmCost {
  readonly arm: string;
  readonly cost: UnitCost;
  readonly per1000: UnitCost;
}

/**
 * What each arm of an experiment cost: its instance-hours, at what an instance-hour of serving was billed in that time.
 * A bill tells no variants apart.
 * @param lines of the days of the experiment.
 */
export function perArm(lines: readonly BillLine[], arms: readonly ArmUse[]): ArmCost[] {
  const hosts = lines.filter(({ group, unit }) => group === "serving" && unit === "Hrs");
  const hours = hosts.reduce((sum, { quantity }) => sum + quantity, 0);
  const rate = hours > 0 ? total(hosts) / hours : undefined;
  return arms.map(({ arm, instanceHours, requests }) => {
    const unknown =
      rate === undefined
        ? "no instance-hours of serving are on the bill of these days yet"
        : instanceHours === 0
          ? "its instances were not measured"
          : undefined;
    if (unknown !== undefined) return { arm, cost: { unknown }, per1000: { unknown } };
    const usd = rate! * instanceHours;
    const how = `${instanceHours.toFixed(2)} instance-hours at ${amount(rate!)}, as they were billed`;
    const per1000: UnitCost =
      requests > 0
        ? { usd: (1000 * usd) / requests, how: `${how}, for ${requests} requests` }
        : { unknown: "it answered no request" };
    return { arm, cost: { usd, how }, per1000 };
  });
}
