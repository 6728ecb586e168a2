import type {
  GetEventSelectorsCommandInput,
  GetEventSelectorsCommandOutput,
  GetTrailStatusCommandInput,
  GetTrailStatusCommandOutput,
  PutEventSelectorsCommandInput,
  PutEventSelectorsCommandOutput,
  StartLoggingCommandInput,
  StartLoggingCommandOutput,
  StopLoggingCommandInput,
  StopLoggingCommandOutput,
} from "@aws-sdk/client-cloudtrail";
import { type Fidelity, operation } from "../../operation";
import type { Deliveries } from "./deliveries";
import { onTrails } from "./requirements";
import type { TrailStore } from "./trail-store";

const executed: Fidelity = {
  level: "executed",
  note: "log files come to the trail's bucket every five minutes of the cloud's clock, as CloudTrail, through the bucket's policy and the key's; no digest files, and nothing to CloudWatch Logs",
};
const recorded: Fidelity = {
  level: "recorded",
  note: "data events of S3, Lambda and SageMaker endpoints say in `audit.jsonl` which trails ask for them (`recordedBy`); where none does, AWS records nothing",
};

/** Whether trails log, and what: both decide which data events are recorded by whom. */
export const loggingOperations = (trails: TrailStore, deliveries: Deliveries) => ({
  StartLogging: operation<StartLoggingCommandInput, StartLoggingCommandOutput>({
    requires: (input, call) => onTrails(trails, [input.Name], call),
    fidelity: executed,
    handle: (input) => {
      const trail = trails.put({ ...trails.get(input.Name), logging: true, startedMs: trails.cloud.clock.nowMs() });
      deliveries.begin(trail.name);
      return {};
    },
  }),

  StopLogging: operation<StopLoggingCommandInput, StopLoggingCommandOutput>({
    requires: (input, call) => onTrails(trails, [input.Name], call),
    fidelity: executed,
    handle: (input) => {
      const trail = trails.put({ ...trails.get(input.Name), logging: false, stoppedMs: trails.cloud.clock.nowMs() });
      deliveries.end(trail.name);
      return {};
    },
  }),

  GetTrailStatus: operation<GetTrailStatusCommandInput, GetTrailStatusCommandOutput>({
    requires: (input, call) => onTrails(trails, [input.Name], call),
    fidelity: executed,
    handle: (input) => {
      const { name, logging, startedMs, stoppedMs } = trails.get(input.Name);
      const { deliveredMs, error } = deliveries.of(name);
      return {
        IsLogging: logging,
        ...(deliveredMs ? { LatestDeliveryTime: new Date(deliveredMs) } : {}),
        ...(error ? { LatestDeliveryError: error } : {}),
        ...(startedMs ? { StartLoggingTime: new Date(startedMs) } : {}),
        ...(stoppedMs ? { StopLoggingTime: new Date(stoppedMs) } : {}),
      };
    },
  }),

  PutEventSelectors: operation<PutEventSelectorsCommandInput, PutEventSelectorsCommandOutput>({
    requires: (input, call) => onTrails(trails, [input.TrailName], call),
    fidelity: recorded,
    handle: ({ TrailName, AdvancedEventSelectors: advanced, EventSelectors: classic }) => {
      const trail = trails.put({ ...trails.get(TrailName), selectors: advanced ?? classic ?? [] });
      return {
        TrailARN: trail.arn,
        ...(advanced ? { AdvancedEventSelectors: advanced } : { EventSelectors: classic }),
      };
    },
  }),

  GetEventSelectors: operation<GetEventSelectorsCommandInput, GetEventSelectorsCommandOutput>({
    requires: (input, call) => onTrails(trails, [input.TrailName], call),
    fidelity: recorded,
    handle: ({ TrailName }) => {
      const { arn, selectors } = trails.get(TrailName);
      const advanced = selectors.some((selector) => "FieldSelectors" in selector);
      return { TrailARN: arn, [advanced ? "AdvancedEventSelectors" : "EventSelectors"]: selectors };
    },
  }),
});
