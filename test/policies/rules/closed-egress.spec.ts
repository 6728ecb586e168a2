import { closedEgress as rule } from "../../../policies/rules/closed-egress";
import { describeRule, unknownText } from "../../support/policy";

const group = "aws:ec2/securityGroup:SecurityGroup";
const egressRule = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";
const all = { protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] };
const prod = { environment: "prod" };

describeRule(rule, {
  refuses: {
    "AWS's default, everything to everywhere": [
      group,
      { egress: [all] },
      /Ports 0 to 65535 of 0\.0\.0\.0\/0 can be reached/,
    ],
    "the same over IPv6": [group, { egress: [{ protocol: "-1", ipv6CidrBlocks: ["::/0"] }] }, /::\/0/],
    "HTTPS to everywhere in prod": [
      egressRule,
      { ipProtocol: "tcp", fromPort: 443, toPort: 443, cidrIpv4: "0.0.0.0/0" },
      /Ports 443 to 443/,
      prod,
    ],
    "a range that holds an allowed port": [
      egressRule,
      { ipProtocol: "tcp", fromPort: 400, toPort: 500, cidrIpv4: "0.0.0.0/0" },
      /Ports 400 to 500/,
    ],
    "a rule of the older kind": [
      "aws:ec2/securityGroupRule:SecurityGroupRule",
      { type: "egress", ...all },
      /can be reached/,
    ],
  },
  accepts: {
    "a group without rules": [group, {}],
    "HTTPS to everywhere in dev": [
      egressRule,
      { ipProtocol: "tcp", fromPort: 443, toPort: 443, cidrIpv4: "0.0.0.0/0" },
    ],
    "a prefix list": [egressRule, { ipProtocol: "tcp", fromPort: 443, toPort: 443, prefixListId: "pl-1" }, , prod],
    "a range that a preview does not know yet": [egressRule, { ipProtocol: "-1", cidrIpv4: unknownText }, , prod],
    "ways in": ["aws:ec2/securityGroupRule:SecurityGroupRule", { type: "ingress", ...all }],
  },
  ignores: ["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"],
  stoppedBy: { "rules that a preview does not know": [group, { egress: unknownText }, /egress/] },
});
