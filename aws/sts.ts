import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type AwsSession, clientSettings } from "./session";

/** Who the session's credentials belong to. */
export async function callerIdentity(session: AwsSession): Promise<{ accountId: string; arn: string }> {
  const answer = await new STSClient(clientSettings(session)).send(new GetCallerIdentityCommand({}));
  return { accountId: answer.Account!, arn: answer.Arn! };
}
