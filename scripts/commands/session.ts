import { Command, Option } from "commander";
import { roleArn } from "../../contract/names";
import { UserError } from "../../automation/errors";
import { stackRegion } from "../../automation/stack/stack-files";
import { type AwsSession, hasCode } from "../../aws/session";
import { callerIdentity, ownName, type SessionKeys, takeRole } from "../../aws/sts";
import { environments } from "../../contract/environments";
import { projectDir } from "../../automation/project-dir";

interface Options {
  readonly stack: string;
  readonly profile?: string;
  readonly mfaSerial?: string;
  readonly tokenCode?: string;
  readonly json?: boolean;
}

/** Nothing here loads the engine: AWS's tools run this once per process, and wait for it. */
export function sessionCommand(): Command {
  return new Command("session")
    .description(
      "Take a role of people under your own name, which AWS's config files cannot say. Prints shell variables, or what credential_process expects.",
    )
    .argument("<role>", "data-scientist, ml-engineer, approver, auditor or deployer")
    .addOption(new Option("-s, --stack <environment>", "environment").choices(environments).default("dev"))
    .option("--profile <name>", "AWS profile of your own: a user of IAM, or a session of your identity provider")
    .option("--mfa-serial <arn>", "your second factor, where your profile was not signed in with it")
    .option("--token-code <digits>", "what it shows")
    .option("--json", "print as credential_process expects it")
    .action(async (role: string, options: Options) => {
      const keys = await take(
        { region: stackRegion(options.stack, projectDir), profile: options.profile },
        role,
        options,
      );
      process.stdout.write(options.json ? `${processOutput(keys)}\n` : shellVariables(keys));
    });
}

async function take(session: AwsSession, role: string, { stack, mfaSerial, tokenCode }: Options): Promise<SessionKeys> {
  if ((mfaSerial === undefined) !== (tokenCode === undefined))
    throw new UserError("A second factor is a device and its code.", "Give --mfa-serial and --token-code together.");
  const { accountId, arn } = await callerIdentity(session);
  const as = ownName(arn);
  const wanted = roleArn(stack, role, accountId, arn.split(":")[1]);
  try {
    return await takeRole(session, wanted, {
      as,
      ...(mfaSerial && tokenCode ? { mfa: { serialNumber: mfaSerial, tokenCode } } : {}),
    });
  } catch (error) {
    if (!hasCode(error, "AccessDenied")) throw error;
    const name = as.sourceIdentity
      ? `as ${as.sourceIdentity}`
      : `with the source identity that your identity provider set`;
    throw new UserError(
      `You (${arn}) cannot take the role ${role} of ${stack} ${name}: ${(error as Error).message}`,
      `Be listed for it (peregrine:people in Pulumi.${stack}.yaml); in prod, sign in with your second factor (--mfa-serial, --token-code); and act by your own profile (--profile).`,
      { cause: error },
    );
  }
}

/** AWS SDKs and Tools Reference Guide, "Process credential provider". */
export function processOutput({ accessKeyId, secretAccessKey, sessionToken, expiration }: SessionKeys): string {
  return JSON.stringify({
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: expiration.toISOString(),
  });
}

/** For a shell: eval "$(npx peregrine session ROLE)". */
export function shellVariables({ accessKeyId, secretAccessKey, sessionToken }: SessionKeys): string {
  const variables = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  };
  return `${Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value}'\n`)
    .join("")}unset AWS_PROFILE\n`;
}
