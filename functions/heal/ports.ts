import type { AlarmSettings } from "../../aws/alarms";
import type { BucketSettings } from "../../aws/bucket-settings";
import type { Trails } from "../../aws/cloudtrail";
import type { Rules } from "../../aws/eventbridge";
import type { Functions } from "../../aws/lambda";
import type { Logs } from "../../aws/logs";
import type { RoleLimiter } from "../../aws/role-limits";
import type { ObjectStore } from "../../aws/s3";
import type { SageMakerRepair } from "../../aws/sagemaker-repair";
import type { Schedules } from "../../aws/scheduler";

/** Keys, as far as they are kept. */
export interface Keys {
  state(id: string): Promise<string>;
  keep(id: string): Promise<void>;
  enable(id: string): Promise<void>;
}

/** What the healer looks at, and changes. */
export interface Account {
  readonly alarms: Pick<AlarmSettings, "named" | "put">;
  readonly buckets: Pick<BucketSettings, "policy" | "setPolicy" | "isVersioned" | "version" | "isClosed" | "close">;
  readonly functions: Pick<Functions, "code">;
  readonly keys: Keys;
  readonly logs: Pick<Logs, "groups" | "retain">;
  readonly objects: Pick<ObjectStore, "get" | "list" | "exists">;
  readonly roles: Pick<RoleLimiter, "under" | "deleteInline" | "detach" | "bound">;
  readonly rules: Pick<Rules, "states" | "enable">;
  readonly sagemaker: Pick<SageMakerRepair, "endpoint" | "serve" | "tag" | "approved" | "withdraw">;
  readonly schedules: Pick<Schedules, "isEnabled" | "enable">;
  readonly trails: Pick<Trails, "isLogging" | "start">;
}
