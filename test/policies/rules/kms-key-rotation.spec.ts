import { kmsKeyRotation as rule } from "../../../policies/rules/kms-key-rotation";
import { describeRule, unknownText } from "../../support/policy";

const key = "aws:kms/key:Key";
const policy = (statement: object) =>
  JSON.stringify({ Statement: [{ Sid: "S", Effect: "Allow", Action: "kms:*", Resource: "*", ...statement }] });

describeRule(rule, {
  refuses: {
    "a key that does not rotate": [key, { deletionWindowInDays: 30 }, /does not rotate/],
    "a key that is soon gone": [
      key,
      { enableKeyRotation: true, deletionWindowInDays: 7 },
      /gone after 7 days, sooner than 30/,
      { environment: "prod" },
    ],
    "a disabled key": [key, { enableKeyRotation: true, isEnabled: false }, /is disabled/],
    "everybody's key": [
      key,
      { enableKeyRotation: true, policy: policy({ Principal: { AWS: "*" } }) },
      /Statement S of the key policy allows everybody/,
    ],
  },
  accepts: {
    "a rotating key": [
      key,
      {
        enableKeyRotation: true,
        deletionWindowInDays: 7,
        policy: policy({ Principal: { AWS: "arn:aws:iam::1:root" } }),
      },
    ],
    "a key for everybody of one account": [
      key,
      {
        enableKeyRotation: true,
        policy: policy({ Principal: "*", Condition: { StringEquals: { "kms:CallerAccount": "1" } } }),
      },
    ],
    "an asymmetric key, which cannot rotate": [key, { customerMasterKeySpec: "RSA_2048" }],
  },
  ignores: ["aws:kms/alias:Alias"],
  stoppedBy: {
    "a policy that a preview does not know": [key, { enableKeyRotation: true, policy: unknownText }, /\.policy/],
  },
});
