import type { Cloud } from "../../cloud";
import { AwsError } from "../../errors";
import { makeInterfaces } from "../../network/interfaces";
import { placementOf } from "../../network/placement";
import { invalid } from "./function-settings";
import type { FunctionRecord } from "./functions";

/** The role has to trust Lambda when the function is made. @throws AwsError InvalidParameterValueException. */
export function checkRole(cloud: Cloud, roleArn: string, name: string): void {
  try {
    cloud.internals.assume(roleArn, "lambda.amazonaws.com", name);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalid("The role defined for the function cannot be assumed by Lambda.");
  }
}

/**
 * Lambda makes the interfaces of a function as its role, when the function is made or changed.
 * @throws AwsError InvalidParameterValueException.
 */
export function checkNetwork(
  cloud: Cloud,
  { roleArn, name, vpc }: Pick<FunctionRecord, "roleArn" | "name" | "vpc">,
): void {
  const place = placementOf(vpc);
  if (!place) return;
  try {
    makeInterfaces(cloud, cloud.internals.assume(roleArn, "lambda.amazonaws.com", name), place, "others");
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === "InvalidSubnetID.NotFound" || error.code === "InvalidGroup.NotFound")
      throw invalid(
        `Error occurred while DescribeSubnets. EC2 Error Code: ${error.code}. EC2 Error Message: ${error.message}`,
      );
    throw invalid(
      `The provided execution role does not have permissions to call ${/ec2:(\w+)/.exec(error.message)?.[1] ?? "CreateNetworkInterface"} on EC2`,
    );
  }
}
