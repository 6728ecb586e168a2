import { wellArchitected } from "../frameworks";
import { byType, defineRule } from "../rule";
import { blockOf, isGiven, orUnknown } from "../inputs";
import { types } from "../types";

export const studioVpcOnly = defineRule({
  name: "studio-vpc-only",
  description:
    "Studio reaches the internet only through our VPC, signs people in by IAM or SSO, and gives CloudTrail each person's name.",
  rationale: "A notebook is where data leaves; with one shared identity nobody can say whose notebook it was.",
  severity: "high",
  framework: wellArchitected("MLSEC07", "Keep a relevant data only, in secured networks"),
  remediationSteps:
    "Set appNetworkAccessType to VpcOnly and domainSettings.executionRoleIdentityConfig to USER_PROFILE_NAME.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/studio-notebooks-and-internet-access.html",
  ...byType({
    *[types.domain](props) {
      if (props["appNetworkAccessType"] !== "VpcOnly")
        yield "Studio's applications reach the internet directly (appNetworkAccessType is not VpcOnly).";
      const identity = orUnknown(() => blockOf(props, "domainSettings")?.["executionRoleIdentityConfig"]);
      if (identity !== "USER_PROFILE_NAME")
        yield "CloudTrail does not learn whose profile acted (executionRoleIdentityConfig is not USER_PROFILE_NAME).";
      if (!isGiven(props, "subnetIds")) yield "No subnets are named.";
    },
    *[types.userProfile](props) {
      if (!isGiven(blockOf(props, "userSettings"), "executionRole"))
        yield "The profile has no execution role of its own, so all people act as one.";
    },
  }),
});
