import {
  ApplicationAutoScalingClient,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
} from "@aws-sdk/client-application-auto-scaling";
import { type AwsSession, clientSettings } from "./session";

const variants = {
  ServiceNamespace: "sagemaker",
  ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
} as const;

/** Application Auto Scaling of an endpoint's variants. */
export class Scaling {
  private readonly client: ApplicationAutoScalingClient;

  constructor(session: AwsSession) {
    this.client = new ApplicationAutoScalingClient(clientSettings(session));
  }

  /** Whether scaling of the variant stands still; undefined where the variant does not scale. */
  async suspended(endpoint: string, variant: string): Promise<boolean | undefined> {
    const answer = await this.client.send(
      new DescribeScalableTargetsCommand({ ...variants, ResourceIds: [resourceId(endpoint, variant)] }),
    );
    const state = answer.ScalableTargets?.[0];
    return (
      state &&
      Boolean(
        state.SuspendedState?.DynamicScalingInSuspended ||
        state.SuspendedState?.DynamicScalingOutSuspended ||
        state.SuspendedState?.ScheduledScalingSuspended,
      )
    );
  }

  /** Makes a variant scale between two numbers of instances. */
  async register(endpoint: string, variant: string, min: number, max: number): Promise<void> {
    await this.client.send(
      new RegisterScalableTargetCommand({
        ...variants,
        ResourceId: resourceId(endpoint, variant),
        MinCapacity: min,
        MaxCapacity: max,
      }),
    );
  }

  /** Lets scaling of the variant stand still or go on; its bounds stay. A variant that does not scale is left alone. */
  async suspend(endpoint: string, variant: string, suspended: boolean): Promise<void> {
    const now = await this.suspended(endpoint, variant);
    if (now === undefined || now === suspended) return;
    const state = {
      DynamicScalingInSuspended: suspended,
      DynamicScalingOutSuspended: suspended,
      ScheduledScalingSuspended: suspended,
    };
    await this.client.send(
      new RegisterScalableTargetCommand({
        ...variants,
        ResourceId: resourceId(endpoint, variant),
        SuspendedState: state,
      }),
    );
  }

  /**
   * Takes the scaling off a variant: its target, policies and scheduled actions. A variant that does not scale is left
   * alone.
   */
  async deregister(endpoint: string, variant: string): Promise<void> {
    if ((await this.suspended(endpoint, variant)) === undefined) return;
    await this.client.send(
      new DeregisterScalableTargetCommand({ ...variants, ResourceId: resourceId(endpoint, variant) }),
    );
  }
}

function resourceId(endpoint: string, variant: string): string {
  return `endpoint/${endpoint}/variant/${variant}`;
}
