import { securityHub } from "../frameworks";
import { defineRule } from "../rule";
import { openings, securityGroupTypes } from "../security-group";

export const closedIngress = defineRule({
  name: "closed-ingress",
  description: "No security group lets the whole internet in.",
  rationale:
    "SageMaker, Studio and Lambda are called through AWS's own endpoints; no part of a model platform listens to the internet.",
  severity: "critical",
  framework: securityHub("EC2.18", "Security groups allow unrestricted traffic for authorised ports only"),
  remediationSteps: "Name the security group or the address range that may come in.",
  url: "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html",
  appliesTo: (type) =>
    [securityGroupTypes.group, securityGroupTypes.rule, securityGroupTypes.ingress].some((one) => one === type),
  *check({ type, props }) {
    for (const { cidr, fromPort, toPort } of openings(type, props, "ingress"))
      yield `Ports ${fromPort} to ${toPort} are open to ${cidr}.`;
  },
});
