import { studioVpcOnly as rule } from "../../../policies/rules/studio-vpc-only";
import { describeRule, unknownText } from "../../support/policy";

const domain = "aws:sagemaker/domain:Domain";
const profile = "aws:sagemaker/userProfile:UserProfile";
const good = {
  appNetworkAccessType: "VpcOnly",
  subnetIds: ["subnet-1"],
  domainSettings: { executionRoleIdentityConfig: "USER_PROFILE_NAME" },
};

describeRule(rule, {
  refuses: {
    "a domain with a way to the internet": [
      domain,
      { ...good, appNetworkAccessType: "PublicInternetOnly" },
      /reach the internet directly/,
    ],
    "a domain that says nothing": [domain, { ...good, appNetworkAccessType: undefined }, /reach the internet directly/],
    "people who are not told apart": [domain, { ...good, domainSettings: undefined }, /does not learn whose profile/],
    "a profile without a role of its own": [profile, { userSettings: {} }, /no execution role of its own/],
  },
  accepts: {
    "a closed domain": [domain, good],
    "subnets that a preview does not know yet": [domain, { ...good, subnetIds: unknownText }],
    "a profile with a role": [profile, { userSettings: { executionRole: unknownText } }],
  },
  ignores: ["aws:sagemaker/space:Space"],
  stoppedBy: {
    "a network that a preview does not know": [
      domain,
      { ...good, appNetworkAccessType: unknownText },
      /appNetworkAccessType/,
    ],
  },
});
