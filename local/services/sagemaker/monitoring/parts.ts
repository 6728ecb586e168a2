import type { EndpointRecords } from "../hosting/records";
import type { Tags } from "../tags";
import type { DefinitionStore } from "./definition-store";
import type { Executions } from "./executions";
import type { ScheduleStore } from "./schedule-store";

/** What the operations of Model Monitor work on. */
export interface Parts {
  readonly store: ScheduleStore;
  readonly definitions: DefinitionStore;
  readonly endpoints: EndpointRecords;
  readonly tags: Tags;
  readonly executions: Executions;
  /** @throws AwsError where the account is no customer of Model Monitor. */
  admit(): void;
}
