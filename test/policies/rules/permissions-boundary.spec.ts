import { permissionsBoundary as rule } from "../../../policies/rules/permissions-boundary";
import { describeRule, unknownText } from "../../support/policy";

const role = "aws:iam/role:Role";

describeRule(rule, {
  refuses: {
    "a role without a boundary": [role, { name: "a" }, /permissionsBoundary is not set/],
    "an empty boundary": [role, { permissionsBoundary: "" }, /not set/],
    "a user without a boundary": ["aws:iam/user:User", {}, /not set/],
  },
  accepts: {
    "a boundary": [role, { permissionsBoundary: "arn:aws:iam::1:policy/boundary" }],
    "a boundary whose ARN a preview does not know yet": [role, { permissionsBoundary: unknownText }],
  },
  ignores: ["aws:iam/policy:Policy", "aws:iam/serviceLinkedRole:ServiceLinkedRole"],
});
