import { securityHub } from "../frameworks";
import { byType, defineRule } from "../rule";
import { types } from "../types";

interface Config {
  readonly minDays: number;
  readonly maxDays: number;
}

export const logRetention = defineRule<Config>({
  name: "log-retention",
  description: "Log groups keep their events as long as the environment demands, and not for ever.",
  rationale: "Too short and the audit finds nothing; without a limit the bill grows and personal data stays.",
  severity: "medium",
  framework: securityHub("CloudWatch.16", "Log groups are retained for a specified time"),
  remediationSteps: "Set logRetentionDays.",
  url: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
  configSchema: { properties: { minDays: { type: "integer" }, maxDays: { type: "integer" } } },
  defaults: { minDays: 14, maxDays: 3653 },
  ...byType<Config>({
    *[types.logGroup](props, { minDays, maxDays }) {
      const days = Number(props["retentionInDays"] ?? 0);
      if (days === 0) yield "Events are kept for ever.";
      else if (days < minDays) yield `Events are kept for ${days} days, fewer than ${minDays}.`;
      else if (days > maxDays) yield `Events are kept for ${days} days, more than ${maxDays}.`;
    },
  }),
});
