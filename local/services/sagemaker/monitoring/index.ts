/**
 * SageMaker Model Monitor, in the form that `local/services/cloudtrail/` has: schedules run processing jobs over what
 * endpoints captured.
 */
import { monitoringChecks } from "../../../checks/monitoring";
import type { Operation } from "../../../operation";
import type { InventoryItem } from "../../../service";
import type { Context } from "../context";
import type { EndpointRecords } from "../hosting/records";
import type { ProcessingJobs } from "../jobs/processing";
import type { Tags } from "../tags";
import { alertOperations } from "./alert-operations";
import { definitionOperations } from "./definition-operations";
import { DefinitionStore } from "./definition-store";
import { executionOperations } from "./execution-operations";
import { Executions } from "./executions";
import { scheduleOperations } from "./schedule-operations";
import { ScheduleStore } from "./schedule-store";

/** The part of SageMaker that is Model Monitor. */
export interface ModelMonitor {
  readonly operations: Readonly<Record<string, Operation>>;
  exists(arn: string): boolean;
  inventory(): InventoryItem[];
  start(): void;
  stop(): void;
}

export function createModelMonitor(
  context: Context,
  endpoints: EndpointRecords,
  processing: ProcessingJobs,
  tags: Tags,
): ModelMonitor {
  const { cloud, existingCustomerOf = [] } = context;
  const store = new ScheduleStore(cloud);
  const definitions = new DefinitionStore(cloud);
  const executions = new Executions({ context, store, definitions, endpoints, processing, tags });
  const admit = (): void => {
    if (!existingCustomerOf.includes("model-monitor")) throw monitoringChecks.customer();
  };
  const parts = { store, definitions, endpoints, tags, executions, admit };
  const inventory = (): InventoryItem[] => [
    ...[...store.schedules.values()].map(({ arn }) => ({ arn, type: "AWS::SageMaker::MonitoringSchedule" })),
    ...definitions.all().map(({ arn, type }) => ({ arn, type: `AWS::SageMaker::${type}JobDefinition` })),
  ];
  return {
    operations: {
      ...scheduleOperations(parts),
      ...executionOperations(store),
      ...alertOperations(store),
      ...definitionOperations(parts),
    },
    exists: (arn) => inventory().some((item) => item.arn === arn),
    inventory,
    start: () => executions.start(),
    stop: () => executions.stop(),
  };
}
