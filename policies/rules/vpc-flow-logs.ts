import { securityHub } from "../frameworks";
import { orUnknown } from "../inputs";
import { defineRule, stackOnly } from "../rule";
import { refersTo } from "../types";

export const vpcFlowLogs = defineRule({
  name: "vpc-flow-logs",
  description: "Every VPC writes flow logs.",
  rationale: "Without them nobody can say afterwards where data went.",
  severity: "medium",
  framework: securityHub("EC2.6", "VPC flow logging is enabled in all VPCs"),
  remediationSteps: "Give the VPC a FlowLog with trafficType ALL (or REJECT, to save money).",
  url: "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html",
  ...stackOnly,
  *checkStack(resources) {
    const logs = resources.filter(({ type }) => type === "aws:ec2/flowLog:FlowLog");
    for (const vpc of resources.filter(({ type }) => type === "aws:ec2/vpc:Vpc")) {
      const id = orUnknown(() => vpc.props["id"]);
      if (
        !logs.some(
          (log) => refersTo(log, "vpcId", vpc) || (id !== undefined && orUnknown(() => log.props["vpcId"]) === id),
        )
      )
        yield { message: "The VPC writes no flow logs.", urn: vpc.urn };
    }
  },
});
