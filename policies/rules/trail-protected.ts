import { securityHub } from "../frameworks";
import { isGiven } from "../inputs";
import { byType, defineRule } from "../rule";

interface Config {
  /** Whether each stack must bring a trail; off where an organisation's trail records the account. */
  readonly present: boolean;
}

const trail = "aws:cloudtrail/trail:Trail";

export const trailProtected = defineRule<Config>({
  name: "trail-protected",
  description: "There is a trail; it covers all services, is encrypted, and its files can be proved unchanged.",
  rationale: "An audit trail that could have been edited is a story, not evidence.",
  severity: "critical",
  framework: securityHub("CloudTrail.4", "Log file validation is enabled (also CloudTrail.1 and CloudTrail.2)"),
  remediationSteps: "Create a Trail with enableLogFileValidation, kmsKeyId and includeGlobalServiceEvents.",
  url: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html",
  configSchema: { properties: { present: { type: "boolean" } } },
  defaults: { present: false },
  ...byType<Config>({
    *[trail](props) {
      if (props["enableLogFileValidation"] !== true) yield "Log files are not validated.";
      if (props["enableLogging"] === false) yield "The trail is switched off.";
      if (props["includeGlobalServiceEvents"] === false) yield "IAM and STS are left out.";
      if (!isGiven(props, "kmsKeyId")) yield "The trail is not encrypted with a key of ours.";
    },
  }),
  *checkStack(resources, { present }) {
    if (present && !resources.some(({ type }) => type === trail)) yield { message: "The stack has no trail." };
  },
});
