import { type EnvironmentName, environments, isEnvironmentName } from "../../contract/environments";
import { integer, oneNumberOf, optional, type Values } from "./setting";

export const retrainingSettings = {
  retrainedIn: optional(new RegExp(`^(${environments.join("|")})$`), `one of ${environments.join(", ")}, or empty`, {
    meaning:
      "Environment whose training pipeline retrains the model that is watched here, one of dev, staging, prod; its function decides whether. Drift, lost quality and forecasts of this environment are proposals to it. Empty: nobody decides, and people retrain by hand. Of the same account.",
    example: "dev",
  }),
  retrainingMonthlyUsd: integer(0, 1_000_000, {
    meaning:
      "The most that executions of the training pipeline may cost in a calendar month (UTC) before a retraining starts by itself, USD: what they cost so far and the most that one more can cost.",
    default: "100",
  }),
  retrainingCooldownHours: integer(0, 8760, {
    meaning: "Hours between the start of a training and a retraining that starts by itself.",
    default: "72",
  }),
  retrainingMinLabels: integer(0, 1_000_000, {
    meaning:
      "New labelled objects that a class needs since the last successful training: of each class that fell short, or of any one where none is named.",
    default: "50",
  }),
  retrainingGrowthPercent: integer(1, 10_000, {
    meaning: "Growth of the labelled objects, in per cent, that is reason enough for a retraining by itself.",
    default: "25",
  }),
  retrainingMaxFailures: integer(1, 100, {
    meaning: "Failed trainings and rejected candidates in a row after which people decide.",
    default: "3",
  }),
  retrainingPointDays: integer(1, 100_000, {
    meaning:
      "What a retraining is worth, in point-days: 1 is a model that is 1 point of mAP50 (0.01) below what it should be, for 1 day.",
    default: "10",
  }),
  newDataEveryHours: oneNumberOf([1, 2, 3, 4, 6, 8, 12, 24], {
    meaning:
      "Hours between two looks for new flights in the dataset bucket, one of 1, 2, 3, 4, 6, 8, 12, 24. What waits for a retraining is decided anew after each look.",
    default: "6",
  }),
};
type RetrainingValues = Values<typeof retrainingSettings>;

export interface RetrainingSettings {
  /** Environment whose function decides and whose pipeline retrains; undefined where people do. */
  readonly in: EnvironmentName | undefined;
  readonly monthlyUsd: number;
  readonly cooldownHours: number;
  readonly minLabels: number;
  /** A share: 0.25 is a quarter. */
  readonly minGrowth: number;
  readonly maxFailures: number;
  readonly pointDays: number;
  readonly lookEveryHours: number;
}

export function retrainingOf(values: RetrainingValues): RetrainingSettings {
  const { retrainedIn = "" } = values;
  return {
    in: isEnvironmentName(retrainedIn) ? retrainedIn : undefined,
    monthlyUsd: values.retrainingMonthlyUsd,
    cooldownHours: values.retrainingCooldownHours,
    minLabels: values.retrainingMinLabels,
    minGrowth: values.retrainingGrowthPercent / 100,
    maxFailures: values.retrainingMaxFailures,
    pointDays: values.retrainingPointDays,
    lookEveryHours: values.newDataEveryHours,
  };
}
