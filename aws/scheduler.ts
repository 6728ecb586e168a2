import { GetScheduleCommand, SchedulerClient, UpdateScheduleCommand } from "@aws-sdk/client-scheduler";
import { type AwsSession, clientSettings, hasCode } from "./session";

/** Schedules of EventBridge Scheduler, as far as they are on. */
export class Schedules {
  private readonly client: SchedulerClient;

  constructor(session: AwsSession) {
    this.client = new SchedulerClient(clientSettings(session));
  }

  /** Undefined where there is none. */
  async isEnabled(GroupName: string, Name: string): Promise<boolean | undefined> {
    try {
      return (await this.client.send(new GetScheduleCommand({ GroupName, Name }))).State === "ENABLED";
    } catch (error) {
      if (hasCode(error, "ResourceNotFoundException")) return undefined;
      throw error;
    }
  }

  /** UpdateSchedule replaces everything, so that what is there is said again. */
  async enable(GroupName: string, Name: string): Promise<void> {
    const { ScheduleExpression, ScheduleExpressionTimezone, StartDate, EndDate, Description, ...found } =
      await this.client.send(new GetScheduleCommand({ GroupName, Name }));
    await this.client.send(
      new UpdateScheduleCommand({
        GroupName,
        Name,
        State: "ENABLED",
        ScheduleExpression,
        ScheduleExpressionTimezone,
        StartDate,
        EndDate,
        Description,
        FlexibleTimeWindow: found.FlexibleTimeWindow,
        Target: found.Target,
        KmsKeyArn: found.KmsKeyArn,
        ActionAfterCompletion: found.ActionAfterCompletion,
      }),
    );
  }
}
