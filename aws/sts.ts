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

/** Keys of a session, as STS answers them. */
export interface SessionKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** A second factor: the device and the code that it shows. */
export interface SecondFactor {
  /** ARN of a virtual device, or the serial number of one of hardware. */
  readonly serialNumber: string;
  readonly tokenCode: string;
}

/** Whose name a caller may truthfully give, and what a session of theirs is called. */
export interface OwnName {
  /**
   * Undefined where the session has a source identity that its identity provider set, which STS carries on by itself.
   */
  readonly sourceIdentity: string | undefined;
  readonly sessionName: string;
}

/**
 * The name that trust policies of people believe: of a user of IAM the user's, of a session of IAM Identity Center the
 * session's, which is the name of its user there.
 * @param arn of the caller, as STS says it.
 */
export function ownName(arn: string): OwnName {
  const last = arn.slice(arn.lastIndexOf("/") + 1);
  const named = /:user\//.test(arn) || /:assumed-role\/AWSReservedSSO_/.test(arn);
  return { sourceIdentity: named ? last : undefined, sessionName: last };
}

/**
 * Takes a role of people under the caller's own name.
 * @param seconds that the session lasts; STS's default where it is left out.
 * @throws AccessDenied of STS.
 */
export async function takeRole(
  session: AwsSession,
  roleArn: string,
  options: { readonly seconds?: number; readonly mfa?: SecondFactor; readonly as?: OwnName } = {},
): Promise<SessionKeys> {
  const { sourceIdentity, sessionName } = options.as ?? ownName((await callerIdentity(session)).arn);
  const { Credentials } = await new STSClient(clientSettings(session)).send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      SourceIdentity: sourceIdentity,
      DurationSeconds: options.seconds,
      SerialNumber: options.mfa?.serialNumber,
      TokenCode: options.mfa?.tokenCode,
    }),
  );
  return {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
    expiration: Credentials!.Expiration!,
  };
}

/** Least that a session lasts, seconds (STS API). */
const shortest = 900;

/** Whether the session may take a role of people; its credentials are thrown away. */
export async function canTakeRole(session: AwsSession, roleArn: string, as: OwnName): Promise<boolean> {
  try {
    await takeRole(session, roleArn, { seconds: shortest, as });
    return true;
  } catch (error) {
    if (hasCode(error, "AccessDenied")) return false;
    throw error;
  }
}
