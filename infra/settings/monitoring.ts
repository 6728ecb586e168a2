import instanceTypes from "../../contract/hosts/instance-types.json";
import type { Demand } from "./problems";
import { decimal, flag, integer, listOf, oneNumberOf, oneOf, type Values } from "./setting";

/** Services that AWS closed to new customers and that settings of ours can ask for. */
const closedServices = ["model-monitor"] as const;

export const monitoringSettings = {
  monitoringMode: oneOf(["managed", "self-hosted", "off"], {
    meaning:
      "Who runs the monitoring jobs, one of self-hosted (EventBridge Scheduler and a pipeline of ours), managed (SageMaker Model Monitor, which is closed to new customers), off.",
    default: "self-hosted",
  }),
  monitoringEnabled: flag({
    meaning:
      "Runs the monitoring schedule. In mode self-hosted a schedule that does not run is there, disabled; a managed one that exists runs.",
    default: "true",
  }),
  // Model Monitor runs hourly to daily.
  monitoringEveryHours: oneNumberOf([1, 2, 3, 4, 6, 8, 12, 24], {
    meaning: "Hours between monitoring runs, one of 1, 2, 3, 4, 6, 8, 12, 24.",
    default: "1",
  }),
  monitoringInstanceType: oneOf(
    instanceTypes.processing,
    { meaning: "Instance type of monitoring jobs.", default: "ml.m5.xlarge" },
    "a SageMaker processing instance type such as ml.m5.xlarge",
  ),
  monitoringInstances: integer(1, 20, {
    meaning: "Instances that share a monitoring run; one reads some 10,000 captured images a second.",
    default: "1",
  }),
  falseAlarmDays: integer(1, 365, {
    meaning:
      "At most one false alarm about drift in so many days: thresholds are calibrated by it for each window. More days find less.",
    default: "30",
  }),
  minimumEffect: decimal(0, 10, {
    meaning:
      "Shifts of all features below this are no drift, in standard deviations of an image: a window of very many images would find any.",
    default: "0.1",
  }),
  relevantDrop: decimal(0, 1, {
    meaning:
      "A shift is no drift while the estimated mAP50 falls by less than this against the test images, 0 to 1; 0 tells every shift. Does not count where mAP50 cannot be estimated.",
    default: "0.05",
  }),
  objectiveMap50: decimal(0, 1, {
    meaning:
      "mAP50 that live answers have to reach, 0 to 1: measured on what people labelled, and estimated where nobody did.",
    default: "0.25",
  }),
  objectiveF1: decimal(0, 1, {
    meaning: "F1 score (at an overlap of one half) that live answers have to reach on what people labelled, 0 to 1.",
    default: "0.3",
  }),
  captureGapMinutes: integer(1, 1440, {
    meaning:
      "Minutes for which requests may come without any being captured, before somebody is told that the endpoint answers unwatched.",
    default: "60",
  }),
  labelLagHours: integer(1, 2160, {
    meaning: "Hours from an answer to its label, in the median, above which measured quality is called out of date.",
    default: "168",
  }),
  existingCustomerOf: listOf(
    closedServices,
    {
      meaning:
        "AWS services closed to new customers that this account used before and may go on using (model-monitor).",
      example: "model-monitor",
    },
    `a service of this list: ${closedServices.join(", ")}`,
  ),
};
type MonitoringValues = Values<typeof monitoringSettings>;

export const monitoringDemands: readonly Demand<MonitoringValues>[] = [
  {
    of: ["monitoringMode", "existingCustomerOf"],
    *clashes({ monitoringMode, existingCustomerOf }) {
      if (monitoringMode === "managed" && !existingCustomerOf.includes("model-monitor"))
        yield {
          name: "monitoringMode",
          reason:
            "managed is SageMaker Model Monitor, closed to new customers since 2026-07-30; use self-hosted, or name model-monitor in peregrine:existingCustomerOf if this account used it before",
        };
    },
  },
];

export interface MonitoringSettings {
  /**
   * `managed`: SageMaker Model Monitor, for its existing customers; `self-hosted`: a schedule of ours that starts a
   * pipeline of ours.
   */
  readonly mode: MonitoringValues["monitoringMode"];
  /** Whether the schedule runs. */
  readonly enabled: boolean;
  readonly everyHours: number;
  readonly instanceType: string;
  readonly instances: number;
  readonly falseAlarmDays: number;
  /** Least shift that counts as drift, in standard deviations of an image. */
  readonly minimumEffect: number;
  /** Least fall of the estimated mAP50 that counts as drift, 0 to 1. */
  readonly relevantDrop: number;
  /** What live answers are held to. */
  readonly objectives: MonitoringObjectives;
}

export interface MonitoringObjectives {
  /** 0 to 1, measured or estimated. */
  readonly map50: number;
  /** 0 to 1, on the labelled sample. */
  readonly f1: number;
  readonly captureGapMinutes: number;
  readonly labelLagHours: number;
}

export function monitoringOf(values: MonitoringValues): MonitoringSettings {
  return {
    mode: values.monitoringMode,
    enabled: values.monitoringEnabled,
    everyHours: values.monitoringEveryHours,
    instanceType: values.monitoringInstanceType,
    instances: values.monitoringInstances,
    falseAlarmDays: values.falseAlarmDays,
    minimumEffect: values.minimumEffect,
    relevantDrop: values.relevantDrop,
    objectives: {
      map50: values.objectiveMap50,
      f1: values.objectiveF1,
      captureGapMinutes: values.captureGapMinutes,
      labelLagHours: values.labelLagHours,
    },
  };
}
