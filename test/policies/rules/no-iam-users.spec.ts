import { noIamUsers as rule } from "../../../policies/rules/no-iam-users";
import { describeRule, unknownText } from "../../support/policy";

describeRule(rule, {
  refuses: {
    "a user": ["aws:iam/user:User", { name: "bob" }, /An IAM user would be part/],
    "an access key": ["aws:iam/accessKey:AccessKey", { user: "bob" }, /An access key/],
    "a password": ["aws:iam/userLoginProfile:UserLoginProfile", { user: "bob" }, /A console password/],
    "a policy inside of a user": ["aws:iam/userPolicy:UserPolicy", { user: "bob" }, /inside of a user/],
    "a policy inside of a group": ["aws:iam/groupPolicy:GroupPolicy", { group: "all" }, /inside of a group/],
    "a user whose name is not known yet": ["aws:iam/user:User", { name: unknownText }, /An IAM user/],
  },
  accepts: {},
  ignores: ["aws:iam/role:Role", "aws:iam/policy:Policy", "aws:iam/openIdConnectProvider:OpenIdConnectProvider"],
});
