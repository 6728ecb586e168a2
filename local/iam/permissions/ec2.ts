import { need, passRole, type Permissions } from "./requirements";

/** What EC2's operations require, where it is more than the action on "*". */
export const ec2Permissions: Permissions = {
  CreateFlowLogs: (input) => [
    need("ec2:CreateFlowLogs", "*"),
    ...passRole(input.DeliverLogsPermissionArn, "vpc-flow-logs.amazonaws.com"),
  ],
};
