import { randomUUID } from "node:crypto";
import type { Call } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { platformChecks } from "../../checks/platform";
import { page } from "../pages";
import { parseExpression } from "../scheduler/expressions";
import type { ActionTimer } from "./action-timer";
import { about, keyOf, matches, notFound, type ScalingRecords } from "./records";

/** Scheduled actions: new bounds for a target at certain times, in a time zone. */
export class ScheduledActions {
  constructor(
    private readonly cloud: Cloud,
    private readonly records: ScalingRecords,
    private readonly timer: ActionTimer,
  ) {}

  operations() {
    return {
      PutScheduledAction: (input: Members, call: Call) => this.putAction(input, call),
      DescribeScheduledActions: (input: Members) => this.describeActions(input),
      DeleteScheduledAction: (input: Members) => this.deleteAction(input),
    };
  }

  private putAction(input: Members, call: Call): Members {
    const key = keyOf(input);
    if (!this.records.targets.has(key)) throw notFound(`No scalable target registered for ${about(input)}`);
    const id = `${key}|${input.ScheduledActionName}`;
    const old = this.records.actions.get(id);
    // Start and end that are not given again are deleted (API reference).
    const given: Members = { ...old?.input, StartTime: undefined, EndTime: undefined, ...input };
    if (!given.Schedule) throw platformChecks.scheduleGiven();
    const { MinCapacity: min, MaxCapacity: max } = (given.ScalableTargetAction ?? {}) as Members;
    if (min !== undefined && max !== undefined && max < min) throw platformChecks.scalingOrder();
    const createdMs = old?.createdMs ?? call.now.getTime();
    parseExpression(given.Schedule, given.Timezone ?? "UTC", createdMs);
    this.records.actions.put(id, {
      arn:
        old?.arn ??
        this.cloud.arn(
          "autoscaling",
          `scheduledAction:${randomUUID()}:resource/sagemaker/${input.ResourceId}:scheduledActionName/${input.ScheduledActionName}`,
        ),
      name: input.ScheduledActionName,
      namespace: input.ServiceNamespace,
      resourceId: input.ResourceId,
      dimension: input.ScalableDimension,
      input: given,
      createdMs,
    });
    this.timer.reset(id);
    return {};
  }

  private describeActions(input: Members): Members {
    const found = [...this.records.actions.values()]
      .filter(matches(input))
      .filter((action) => !input.ScheduledActionNames?.length || input.ScheduledActionNames.includes(action.name));
    const { items, next } = page(found, input.NextToken, input.MaxResults ?? 50);
    return {
      ScheduledActions: items.map(
        ({ arn, name, input: { Schedule, Timezone, StartTime, EndTime, ScalableTargetAction }, ...row }) => ({
          ScheduledActionName: name,
          ScheduledActionARN: arn,
          ServiceNamespace: row.namespace,
          ResourceId: row.resourceId,
          ScalableDimension: row.dimension,
          Schedule,
          Timezone,
          StartTime,
          EndTime,
          ScalableTargetAction,
          CreationTime: new Date(row.createdMs),
        }),
      ),
      NextToken: next,
    };
  }

  private deleteAction(input: Members): Members {
    const id = `${keyOf(input)}|${input.ScheduledActionName}`;
    if (!this.records.actions.delete(id))
      throw notFound(
        `No scheduled action found for ${about(input)}, scheduled action name: ${input.ScheduledActionName}`,
      );
    this.timer.reset(id);
    return {};
  }
}
