import type { Members } from "../../members";
import { each, need, passRole, type Permissions } from "./requirements";

/** A log group's ARN as tags and queries name it. */
function group(name: unknown): string {
  const text = String(name ?? "");
  return text.startsWith("arn:") ? text.replace(/:\*$/, "") : `arn:aws:logs:::log-group:${text}`;
}

const groupOf = (input: Members): string =>
  group(input.logGroupName ?? input.logGroupIdentifier ?? input.resourceIdentifier);

/**
 * Except for tags, actions on a group are checked against `…:log-group:<name>:log-stream:`, so a policy must end in
 * `:*` (CloudWatch Logs User Guide, "ARNs for log groups").
 */
const streams = (arn: string, stream: unknown = ""): string => `${arn}:log-stream:${String(stream ?? "")}`;

/** What CloudWatch Logs' operations require. */
export const logsPermissions: Permissions = {
  ...each(
    `DeleteLogGroup DescribeLogStreams FilterLogEvents PutRetentionPolicy DeleteRetentionPolicy DescribeMetricFilters PutMetricFilter DeleteMetricFilter
     DescribeSubscriptionFilters DeleteSubscriptionFilter AssociateKmsKey DisassociateKmsKey GetLogGroupFields PutDataProtectionPolicy GetDataProtectionPolicy
     DeleteDataProtectionPolicy PutIndexPolicy DeleteIndexPolicy PutTransformer GetTransformer DeleteTransformer PutLogGroupDeletionProtection`,
    (operation) => (input) => [need(`logs:${operation}`, streams(groupOf(input)))],
  ),
  CreateLogGroup: (input) => [
    need("logs:CreateLogGroup", streams(groupOf(input))),
    ...(Object.keys((input.tags as object | undefined) ?? {}).length > 0
      ? [need("logs:TagResource", groupOf(input))]
      : []),
  ],
  ...each("CreateLogStream DeleteLogStream PutLogEvents GetLogEvents", (operation) => (input) => [
    need(`logs:${operation}`, streams(groupOf(input), input.logStreamName)),
  ]),
  DescribeLogGroups: () => [need("logs:DescribeLogGroups", streams("arn:aws:logs:::log-group:"))],
  PutSubscriptionFilter: (input) => [
    need("logs:PutSubscriptionFilter", streams(groupOf(input))),
    ...passRole(input.roleArn, "logs.amazonaws.com"),
  ],
  StartQuery: (input) => {
    const names = (input.logGroupIdentifiers ?? input.logGroupNames ?? [input.logGroupName]) as unknown[];
    return names.map((name) => need("logs:StartQuery", streams(group(name))));
  },
  ...each("TagResource UntagResource ListTagsForResource", (operation) => (input) => [
    need(`logs:${operation}`, group(input.resourceArn)),
  ]),
  ...each("TagLogGroup UntagLogGroup ListTagsLogGroup", (operation) => (input) => [
    need(`logs:${operation}`, groupOf(input)),
  ]),
};
