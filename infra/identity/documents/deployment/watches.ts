import { environmentPath } from "../../../../contract/names";
import type { Scope } from "../../../scope";
import { allow, type Statement } from "../../document";

/**
 * Logs, alarms, dashboards and budgets. The trail, its log and the logs of builds are the administrator's
 * (`neverSilence`).
 */
export function deployWatches({ arns, names }: Scope): Statement[] {
  const mine = `${names.prefix}-*`;
  const groups = [arns.logGroup(`/aws/*/${mine}`), arns.logGroup(`${environmentPath(names.environment)}*`)];
  return [
    allow(
      "DeployLogs",
      [
        // Groups with their keys and how long they keep what.
        "logs:AssociateKmsKey",
        "logs:CreateLogGroup",
        "logs:DeleteLogGroup",
        "logs:DeleteRetentionPolicy",
        "logs:DisassociateKmsKey",
        "logs:ListTagsForResource",
        "logs:PutRetentionPolicy",
        "logs:TagResource",
        "logs:UntagResource",
      ],
      groups,
    ),
    allow("ListLogs", ["logs:DescribeLogGroups"], ["*"]),
    allow(
      "DeployAlarms",
      [
        // Alarms with their tags.
        "cloudwatch:DeleteAlarms",
        "cloudwatch:ListTagsForResource",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
      ],
      [arns.alarm(mine), arns.alarm(`TargetTracking-endpoint/${mine}`)],
    ),
    allow("SeeAlarms", ["cloudwatch:DescribeAlarms"], [arns.alarm("*")]),
    allow(
      "DeployDashboards",
      [
        // Dashboards are written as a whole.
        "cloudwatch:DeleteDashboards",
        "cloudwatch:GetDashboard",
        "cloudwatch:PutDashboard",
      ],
      [arns.dashboard(mine)],
    ),
    allow(
      "DeployBudgets",
      [
        // The budget of the environment.
        "budgets:ListTagsForResource",
        "budgets:ModifyBudget",
        "budgets:TagResource",
        "budgets:UntagResource",
        "budgets:ViewBudget",
      ],
      [arns.budget(mine)],
    ),
    allow(
      "SeeTrail",
      [
        // What the provider reads of the trail.
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetInsightSelectors",
        "cloudtrail:GetTrail",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:ListTags",
      ],
      [arns.trail(mine)],
    ),
    allow("SeeTrails", ["cloudtrail:DescribeTrails"], ["*"]),
  ];
}
