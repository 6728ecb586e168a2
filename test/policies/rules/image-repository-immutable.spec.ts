import { imageRepositoryImmutable as rule } from "../../../policies/rules/image-repository-immutable";
import { describeRule, unknownText } from "../../support/policy";

const repository = "aws:ecr/repository:Repository";
const policy = "aws:ecr/repositoryPolicy:RepositoryPolicy";
const good = { imageTagMutability: "IMMUTABLE", imageScanningConfiguration: { scanOnPush: true } };
const statement = (change: object) => ({
  policy: JSON.stringify({ Statement: [{ Effect: "Allow", Principal: "*", Action: "ecr:BatchGetImage", ...change }] }),
});

describeRule(rule, {
  refuses: {
    "tags that move": [repository, { ...good, imageTagMutability: "MUTABLE" }, /Tags can be moved/],
    "AWS's default": [repository, {}, /Tags can be moved/],
    "images that nobody scans": [
      repository,
      { ...good, imageScanningConfiguration: { scanOnPush: false } },
      /not scanned/,
    ],
    "everybody's repository": [policy, statement({}), /is everybody's/],
  },
  accepts: {
    "fixed tags": [repository, good],
    "a repository for one account": [policy, statement({ Principal: { AWS: "arn:aws:iam::1:root" } })],
    "a repository for one organisation": [
      policy,
      statement({ Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } } }),
    ],
  },
  ignores: ["aws:ecr/lifecyclePolicy:LifecyclePolicy"],
  stoppedBy: { "a policy that a preview does not know": [policy, { policy: unknownText }, /\.policy/] },
});
