import { noPublicResourcePolicy as rule } from "../../../policies/rules/no-public-resource-policy";
import { describeRule, unknownText } from "../../support/policy";

const topicPolicy = "aws:sns/topicPolicy:TopicPolicy";
const permission = "aws:lambda/permission:Permission";
const open = (change: object = {}) =>
  JSON.stringify({
    Statement: [{ Sid: "Open", Effect: "Allow", Principal: "*", Action: "sns:Publish", Resource: "*", ...change }],
  });

describeRule(rule, {
  refuses: {
    "a topic that everybody may publish to": [topicPolicy, { policy: open() }, /Statement Open allows everybody/],
    "a queue that everybody may send to": [
      "aws:sqs/queuePolicy:QueuePolicy",
      { policy: open({ Principal: { AWS: "*" } }) },
      /allows everybody/,
    ],
    "a registry that everybody may read": [
      "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
      { resourcePolicy: open() },
      /allows everybody/,
    ],
    "a function that everybody may call": [permission, { principal: "*" }, /Everybody may call/],
    "a function that a service may call for anybody": [
      permission,
      { principal: "events.amazonaws.com" },
      /for whichever account/,
    ],
    "a URL that asks nobody": ["aws:lambda/functionUrl:FunctionUrl", { authorizationType: "NONE" }, /asks nobody/],
  },
  accepts: {
    "a condition": [topicPolicy, { policy: open({ Condition: { StringEquals: { "aws:SourceAccount": "1" } } }) }],
    "a denial for everybody": [topicPolicy, { policy: open({ Effect: "Deny" }) }],
    "an account": [topicPolicy, { policy: open({ Principal: { AWS: "arn:aws:iam::1:root" } }) }],
    "a service for a rule that a preview does not know yet": [
      permission,
      { principal: "events.amazonaws.com", sourceArn: unknownText },
    ],
    "a URL under IAM": ["aws:lambda/functionUrl:FunctionUrl", { authorizationType: "AWS_IAM" }],
    "a topic without a policy": ["aws:sns/topic:Topic", {}],
  },
  ignores: ["aws:s3/bucketPolicy:BucketPolicy"],
  stoppedBy: { "a policy that a preview does not know": [topicPolicy, { policy: unknownText }, /\.policy/] },
});
