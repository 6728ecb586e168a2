import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../identity/document";
import { ourRoles, writerArns } from "../identity/writers";
import type { Scope } from "../scope";
import { administration, thisKey } from "./key-policy";
import { accountVerifies, SigningKey, signingAlgorithm } from "./signing-key";

/** The key by which checkpoints of the environment's log are signed. */
export class LogKey extends SigningKey {
  constructor(name: string, scope: Scope, options: pulumi.ComponentResourceOptions) {
    const description = `Checkpoints of the log of Peregrine's environment ${scope.environment}`;
    super("LogKey", name, scope, { description, alias: scope.logKeyAlias, policy: logKeyPolicy(scope) }, options);
  }
}

/**
 * Of our roles only those sign that write the log; besides them the account's administrators, who release by hand.
 * Verifying is everybody's whose own policy says so.
 */
export function logKeyPolicy(scope: Scope): Statement[] {
  return [
    ...administration(scope),
    {
      Sid: "AccountSigns",
      Effect: "Allow",
      Principal: { AWS: scope.arns.accountRoot },
      Action: ["kms:Sign"],
      Resource: thisKey,
      Condition: { StringEquals: signingAlgorithm },
    },
    {
      Sid: "WritersOfTheLogSign",
      Effect: "Deny",
      Principal: "*",
      Action: ["kms:Sign"],
      Resource: thisKey,
      Condition: {
        ArnLike: { "aws:PrincipalArn": ourRoles(scope) },
        ArnNotLike: { "aws:PrincipalArn": writerArns(scope, "ledger") },
      },
    },
    accountVerifies(scope),
  ];
}
