import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";

/** Looks at what the account can have before an update begins: quotas know no resource, images are those that releases run. */
export function examineAccount(registry: Scope): Statement[] {
  const { arns, imageAccount, imageRepository } = registry;
  return [
    allow("SeeQuotas", ["servicequotas:ListServiceQuotas", "servicequotas:ListAWSDefaultServiceQuotas"], ["*"]),
    allow("SeeImages", ["ecr:DescribeImages"], [arns.repository(imageRepository, imageAccount)]),
  ];
}
