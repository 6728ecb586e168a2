import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type AwsSession, clientSettings, hasCode } from "./session";

export interface CallerIdentity {
  readonly accountId: string;
  readonly arn: string;
  /** The service's time: the `Date` header of the answer, since a laptop's clock is not evidence. */
  readonly at: Date;
}

/** Who the session's credentials belong to, and what time it is in the cloud. */
export async function callerIdentity(session: AwsSession): Promise<CallerIdentity> {
  const client = new STSClient(clientSettings(session));
  let at: Date | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const date = (result.response as { headers?: Record<string, string> }).headers?.["date"];
      if (date) at = new Date(date);
      return result;
    },
    { step: "deserialize", name: "readServiceTime" },
  );
  const answer = await client.send(new GetCallerIdentityCommand({}));
  if (!at || Number.isNaN(at.getTime())) throw new Error("STS answered without a Date header");
  return { accountId: answer.Account!, arn: answer.Arn!, at };
}

/** Least that a session lasts, seconds (STS API). */
const shortest = 900;

/** Whether the session may take a role; its credentials are thrown away. */
export async function canAssume(session: AwsSession, roleArn: string): Promise<boolean> {
  try {
    await new STSClient(clientSettings(session)).send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: "peregrine-doctor", DurationSeconds: shortest }));
    return true;
  } catch (error) {
    if (hasCode(error, "AccessDenied")) return false;
    throw error;
  }
}
