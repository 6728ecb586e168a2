import { lambdaRuntimeSupported as rule } from "../../../policies/rules/lambda-runtime-supported";
import { describeRule, unknownText } from "../../support/policy";

const lambda = "aws:lambda/function:Function";

describeRule(rule, {
  refuses: {
    "Node.js 16": [lambda, { runtime: "nodejs16.x" }, /The runtime is nodejs16\.x/],
    "Node.js 20, whose end was in April 2026": [lambda, { runtime: "nodejs20.x" }, /nodejs20\.x/],
    "Python 3.8": [lambda, { runtime: "python3.8" }, /python3\.8/],
    "a function that names none": [lambda, {}, /The runtime is undefined/],
  },
  accepts: {
    "Node.js 22": [lambda, { runtime: "nodejs22.x", role: unknownText }],
    "an image, which brings its own": [lambda, { packageType: "Image", imageUri: "x" }],
  },
  ignores: ["aws:lambda/permission:Permission"],
  stoppedBy: { "a runtime that a preview does not know": [lambda, { runtime: unknownText }, /runtime/] },
});
