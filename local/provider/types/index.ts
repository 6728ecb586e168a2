import type { ResourceType } from "../resource-type";
import { cloudwatch } from "./cloudwatch";
import { cloudtrail } from "./cloudtrail";
import { codebuild } from "./codebuild";
import { compute } from "./compute";
import { costs } from "./costs";
import { eventSources } from "./event-sources";
import { events } from "./events";
import { iam } from "./iam";
import { kms } from "./kms";
import { messaging } from "./messaging";
import { modelMonitor } from "./model-monitor";
import { s3 } from "./s3";
import { sagemaker } from "./sagemaker";
import { operations } from "./scaling-and-parameters";
import { scheduler } from "./scheduler";
import { studio } from "./studio";

/** All resource types with behaviour, by token. */
export const resourceTypes: ReadonlyMap<string, ResourceType> = new Map(
  [
    ...s3,
    ...kms,
    ...iam,
    ...sagemaker,
    ...modelMonitor,
    ...cloudwatch,
    ...events,
    ...messaging,
    ...compute,
    ...eventSources,
    ...cloudtrail,
    ...codebuild,
    ...operations,
    ...studio,
    ...scheduler,
    ...costs,
  ].map((type) => [type.token, type]),
);
