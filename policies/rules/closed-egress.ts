import { securityHub } from "../frameworks";
import { defineRule } from "../rule";
import { openings, securityGroupTypes } from "../security-group";

interface Config {
  /** Ports that may be reached everywhere; none closes all ways out. */
  readonly ports: readonly number[];
}

export const closedEgress = defineRule<Config>({
  name: "closed-egress",
  description: "Security groups let traffic out to named destinations only.",
  rationale:
    "Data leaves by the route that nobody thought of: a job that reads the dataset needs S3, and nothing else.",
  severity: "high",
  framework: securityHub("EC2.2", "Security groups restrict traffic; by default they let everything out"),
  remediationSteps:
    "Allow prefix lists, endpoints and security groups instead of 0.0.0.0/0, or name the port in `ports`.",
  url: "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html",
  configSchema: { properties: { ports: { type: "array", items: { type: "integer" } } } },
  defaults: { ports: [] },
  appliesTo: (type) =>
    [securityGroupTypes.group, securityGroupTypes.rule, securityGroupTypes.egress].some((one) => one === type),
  *check({ type, props }, { ports }) {
    for (const { cidr, fromPort, toPort } of openings(type, props, "egress"))
      if (fromPort !== toPort || !ports.includes(fromPort))
        yield `Ports ${fromPort} to ${toPort} of ${cidr} can be reached.`;
  },
});
