import instanceTypes from "../../contract/hosts/instance-types.json";
import { type Rung, rungs } from "../../contract/front-door";
import type { Demand } from "./problems";
import { flag, integer, oneOf, optional, type Values } from "./setting";

export const frontDoorSettings = {
  frontDoor: flag({
    meaning:
      "Takes images at a URL that wants a signature, and has them answered by the best model that can: the champion, its fallbacks, or a queue that answers later.",
    default: "false",
  }),
  rollBackByAlarm: flag({
    meaning:
      "Asks for a rollback to the release before when an alarm says that the endpoint fails its users, once for each release. For environments without a front door whose releases are built (peregrine:releaseTargets of the registry's stack).",
    default: "false",
  }),
  frontDoorTimeoutSeconds: integer(1, 30, {
    meaning: "Seconds that the front door waits for one model before it asks the next one.",
    default: "10",
  }),
  frontDoorConcurrency: integer(0, 1000, {
    meaning:
      "Copies of the front door that Lambda reserves, which also are the most there can be; 0 shares the account's. A URL takes ten requests a second for each.",
    default: "0",
  }),
  frontDoorStandby: oneOf(["off", "warm"], {
    meaning:
      "Whether the last stable release is served beside the champion, for the front door to fall back to, one of off, warm. It costs what the champion costs.",
    default: "off",
  }),
  frontDoorSmallModel: oneOf(["off", "instance"], {
    meaning:
      "Whether a smaller model is served on a processor, for the front door to fall back to, one of off, instance.",
    default: "off",
  }),
  frontDoorSmallInstanceType: oneOf(
    instanceTypes.hosting,
    { meaning: "Instance type of the smaller model.", default: "ml.m5.xlarge" },
    "a SageMaker hosting instance type such as ml.m5.xlarge",
  ),
  frontDoorSmallSha256: optional(/^[0-9a-f]{64}$/, "the SHA-256 of a released archive, 64 hexadecimal digits", {
    meaning:
      "Archive of the smaller model, by the SHA-256 under which it was released in this environment; the champion's own, on a processor, where none is named.",
  }),
};
type FrontDoorValues = Values<typeof frontDoorSettings>;

export const frontDoorDemands: readonly Demand<FrontDoorValues>[] = [
  {
    of: ["frontDoor", "frontDoorStandby", "frontDoorSmallModel"],
    *clashes({ frontDoor, frontDoorStandby, frontDoorSmallModel }) {
      if (frontDoor) return;
      const reason = "has nobody who falls back to it without peregrine:frontDoor";
      if (frontDoorStandby !== "off") yield { name: "frontDoorStandby", reason };
      if (frontDoorSmallModel !== "off") yield { name: "frontDoorSmallModel", reason };
    },
  },
  {
    of: ["frontDoor", "rollBackByAlarm"],
    *clashes({ frontDoor, rollBackByAlarm }) {
      if (frontDoor && rollBackByAlarm)
        yield {
          name: "rollBackByAlarm",
          reason: "is for environments without a front door: behind one, another model answers at once",
        };
    },
  },
];

export interface FrontDoorSettings {
  readonly timeoutSeconds: number;
  /** Undefined shares the account's. */
  readonly concurrency: number | undefined;
  /** Who can answer, best first. */
  readonly rungs: readonly Rung[];
  readonly small: { readonly instanceType: string; readonly sha256: string | undefined };
}

/** Undefined where there is no front door. */
export function frontDoorOf(values: FrontDoorValues): FrontDoorSettings | undefined {
  if (!values.frontDoor) return undefined;
  const without = { standby: values.frontDoorStandby === "off", small: values.frontDoorSmallModel === "off" };
  return {
    timeoutSeconds: values.frontDoorTimeoutSeconds,
    concurrency: values.frontDoorConcurrency || undefined,
    rungs: rungs.filter((rung) => rung === "champion" || !without[rung]),
    small: { instanceType: values.frontDoorSmallInstanceType, sha256: values.frontDoorSmallSha256 },
  };
}
