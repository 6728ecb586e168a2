import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";

/** Hands the named roles to SageMaker, and to nobody else. */
export function passRoles(scope: Scope, roles: readonly string[]): Statement[] {
  return [
    allow(
      "PassRoles",
      ["iam:PassRole"],
      roles.map((role) => scope.roleArn(role)),
      { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
    ),
  ];
}
