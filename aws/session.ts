import { defaultProvider } from "@aws-sdk/credential-provider-node";

/** How to reach an AWS account: the profile that the stack's configuration names, and the region. */
export interface AwsSession {
  /**
   * Profile of the AWS configuration files; without it the SDK's default chain decides (a role in CodeBuild or Lambda).
   */
  readonly profile?: string;
  readonly region: string;
  /** Keys of a session that was taken; they go before the profile. */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

type Credentials = NonNullable<AwsSession["credentials"]> | ReturnType<typeof defaultProvider>;

/** Settings common to all SDK clients: retries adapt to throttling, since control planes throttle early. */
export function clientSettings(session: AwsSession): {
  region: string;
  profile?: string;
  credentials?: Credentials;
  retryMode: "adaptive";
  maxAttempts: number;
} {
  const who = session.credentials
    ? { credentials: session.credentials }
    : session.profile
      ? { profile: session.profile, credentials: credentialsOf(session.profile) }
      : {};
  return { region: session.region, ...who, retryMode: "adaptive", maxAttempts: 5 };
}

const found = new Map<string, ReturnType<typeof defaultProvider>>();

/**
 * A profile's credentials, for all clients of this process: each would ask for its own otherwise, which is one more run
 * of the profile's `credential_process`, or one more session of its role. Found anew before they expire, and where
 * other files say what a profile is.
 */
function credentialsOf(profile: string): ReturnType<typeof defaultProvider> {
  const { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = process.env;
  const key = JSON.stringify([profile, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE]);
  const provider = found.get(key) ?? defaultProvider({ profile });
  found.set(key, provider);
  return provider;
}

/** True when an SDK error carries one of the given codes (`error.name` in SDK v3). */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes(error.name);
}

/**
 * By which codes services say that the caller may not: most by the first or the second, SNS by the next two, EC2 by the
 * last.
 */
export const denials: ReadonlySet<string> = new Set([
  "AccessDeniedException",
  "AccessDenied",
  "AuthorizationErrorException",
  "AuthorizationError",
  "UnauthorizedOperation",
]);

/** True when AWS says that the caller may not. */
export function isDenied(error: unknown): boolean {
  return error instanceof Error && denials.has(error.name);
}

/** Session of a Lambda function: its own role, in its Region, which Lambda tells every function. */
export function functionSession(): AwsSession {
  return { region: process.env["AWS_REGION"]! };
}
