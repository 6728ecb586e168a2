import type { AwsSession } from "../../aws/session";
import { callerIdentity } from "../../aws/sts";
import type { EnvironmentName } from "../../contract/environments";
import { artifactsBucket, detectorName, feedbackFunction } from "../../contract/names";

/** Where an environment's answers and labels are, by its names alone: no stack is opened. */
export interface LabelPlace {
  readonly session: AwsSession;
  readonly bucket: string;
  readonly endpoint: string;
  readonly functionName: string;
  /** The cloud's time. */
  readonly now: Date;
}

export async function labelPlace(session: AwsSession, environment: EnvironmentName): Promise<LabelPlace> {
  const { accountId, at } = await callerIdentity(session);
  return {
    session,
    bucket: artifactsBucket(environment, accountId),
    endpoint: detectorName(environment),
    functionName: feedbackFunction(environment),
    now: at,
  };
}
