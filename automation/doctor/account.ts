import type { AwsSession } from "../../aws/session";
import { callerIdentity } from "../../aws/sts";
import { failed, type Found, ok, warning } from "./checks";

/** Whose credentials they are, and whether the stack may be deployed to their account. */
export async function accountLook(
  session: AwsSession,
  allowedAccountIds: readonly string[],
  stack: string,
): Promise<Found> {
  const { accountId, arn } = await callerIdentity(session);
  const who = `${accountId} in ${session.region}, as ${arn}`;
  if (allowedAccountIds.length === 0 || allowedAccountIds.includes(accountId)) return ok(who);
  return failed(
    `${who}: ${stack} may be deployed to ${allowedAccountIds.join(", ")} alone`,
    `Use a profile of that account, or, if this one is right: pulumi config set --path 'peregrine:allowedAccountIds[${allowedAccountIds.length}]' ${accountId} --stack ${stack}`,
  );
}

/** Commands of the AWS CLI go where the environment says, not where the stack is. */
export function regionLook({ region }: AwsSession, environment: Readonly<Record<string, string | undefined>>): Found {
  const other = [environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"]].find(
    (name) => name !== undefined && name !== "" && name !== region,
  );
  return other
    ? warning(
        `the stack is in ${region}, the AWS CLI of this shell asks ${other}`,
        `Before you follow a runbook: export AWS_REGION=${region}`,
      )
    : ok(region);
}

export interface Versions {
  readonly node: string;
  /** Undefined when the CLI does not tell. */
  readonly pulumi: string | undefined;
  /** `node` as a least version (`>=20.19`), `pulumi` as the version of its SDK that the program is written with. */
  readonly wanted: { readonly node: string; readonly pulumi: string };
}

/** Node as the project wants it; a Pulumi CLI of the SDK's major version, and not older than it. */
export function versionsLook({ node, pulumi, wanted }: Versions): Found {
  if (compare(node, wanted.node) < 0)
    return failed(`Node ${node}, wanted ${wanted.node}`, "Install Node 20 LTS or later, and put it first on PATH.");
  if (!pulumi)
    return warning(
      `Node ${node}; the Pulumi CLI does not tell its version`,
      `Install Pulumi ${wanted.pulumi}, or let npm start bring it.`,
    );
  if (part(pulumi, 0) !== part(wanted.pulumi, 0))
    return failed(
      `Pulumi ${pulumi}, wanted ${wanted.pulumi}`,
      `Install Pulumi ${wanted.pulumi}, or let npm start bring it.`,
    );
  if (compare(pulumi, wanted.pulumi) < 0)
    return warning(
      `Pulumi ${pulumi} is older than its SDK ${wanted.pulumi}`,
      `Install Pulumi ${wanted.pulumi}, or let npm start bring it.`,
    );
  return ok(`Node ${node}, Pulumi ${pulumi}`);
}

function compare(one: string, other: string): number {
  for (const index of [0, 1, 2]) {
    const difference = part(one, index) - part(other, index);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Major, minor or patch of `v20.19.1`, `>=20.19` or `3.248.0-alpha`. */
function part(version: string, index: number): number {
  return Number(version.replace(/^[^\d]*/, "").split(/[^\d]/)[index] ?? 0);
}
