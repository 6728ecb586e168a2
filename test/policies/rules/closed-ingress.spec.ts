import { closedIngress as rule } from "../../../policies/rules/closed-ingress";
import { describeRule, unknownText } from "../../support/policy";

const group = "aws:ec2/securityGroup:SecurityGroup";
const ingressRule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";

describeRule(rule, {
  refuses: {
    "SSH from everywhere": [
      ingressRule,
      { ipProtocol: "tcp", fromPort: 22, toPort: 22, cidrIpv4: "0.0.0.0/0" },
      /Ports 22 to 22 are open to 0\.0\.0\.0\/0/,
    ],
    "HTTPS from everywhere": [
      group,
      { ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["10.0.0.0/8", "0.0.0.0/0"] }] },
      /443/,
    ],
    "everything over IPv6": [ingressRule, { ipProtocol: "-1", cidrIpv6: "::/0" }, /Ports 0 to 65535 are open to ::\/0/],
    "a rule of the older kind": [
      "aws:ec2/securityGroupRule:SecurityGroupRule",
      { type: "ingress", protocol: "tcp", fromPort: 80, toPort: 80, cidrBlocks: ["0.0.0.0/0"] },
      /80/,
    ],
  },
  accepts: {
    "a private network": [ingressRule, { ipProtocol: "tcp", fromPort: 443, toPort: 443, cidrIpv4: "10.0.0.0/16" }],
    "a security group": [ingressRule, { ipProtocol: "-1", referencedSecurityGroupId: unknownText }],
    "a range that a preview does not know yet": [
      group,
      { ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: [unknownText] }] },
    ],
  },
  ignores: ["aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "aws:ec2/vpc:Vpc"],
  stoppedBy: { "rules that a preview does not know": [group, { ingress: unknownText }, /ingress/] },
});
