import type { Cloud } from "../cloud";
import { newUser } from "./bootstrap";
import { credentialRegistry, type IssuedCredentials } from "./credentials";
import { iamRecords } from "./records";

/** A person's shift: nobody signs in again while a local cloud is tried out. */
const signedInSeconds = 30 * 24 * 3600;

/** All that users of people may do by themselves: take roles of the environments that trust them. */
const policy = (accountId: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TakeRoles",
        Effect: "Allow",
        Action: ["sts:AssumeRole", "sts:SetSourceIdentity"],
        Resource: `arn:aws:iam::${accountId}:role/peregrine/*`,
      },
    ],
  });

/**
 * Gives the account a user of IAM for a person, and signs it in with a second factor, as `aws sts get-session-token`
 * with a token code does. A user that is there already keeps its id.
 */
export function signInPerson(cloud: Cloud, name: string): IssuedCredentials {
  const { users } = iamRecords(cloud);
  const user = users.get(name) ?? newUser(cloud, name, { inline: { "take-roles": policy(cloud.accountId) } });
  return credentialRegistry(cloud).issue(
    { type: "user", arn: user.arn, accountId: cloud.accountId, id: user.id, issuedMs: cloud.clock.nowMs(), mfa: true },
    signedInSeconds,
  );
}
