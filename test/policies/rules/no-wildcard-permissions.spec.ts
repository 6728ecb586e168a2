import assert from "node:assert/strict";
import { policyDocument } from "../../../infra/identity/document";
import { permissionsBoundary } from "../../../infra/identity/documents/boundary";
import { operationsRoles } from "../../../infra/identity/roles/operations";
import { releaseRoles } from "../../../infra/identity/roles/release";
import { humanRoles } from "../../../infra/identity/roles/people";
import { serviceRoles } from "../../../infra/identity/roles/services";
import { noWildcardPermissions as rule } from "../../../policies/rules/no-wildcard-permissions";
import { describeRule, judge, judgeStack, unknownText } from "../../support/policy";
import { scopeOf } from "../../support/scope";

const rolePolicy = "aws:iam/rolePolicy:RolePolicy";
const managed = "aws:iam/policy:Policy";
const policy = (statement: object) => ({
  policy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Sid: "S", Effect: "Allow", Resource: "*", ...statement }],
  }),
});

describeRule(
  rule,
  {
    refuses: {
      "an administrator": [
        rolePolicy,
        policy({ Action: "*" }),
        /Statement S of resource allows all actions of all services/,
      ],
      "all actions of a service": [
        rolePolicy,
        policy({ Action: "s3:*", Resource: "arn:aws:s3:::a" }),
        /all actions of s3/,
      ],
      "an action on everything that knows resources": [
        rolePolicy,
        policy({ Action: ["sagemaker:CreateEndpoint"] }),
        /allows sagemaker:CreateEndpoint on all resources/,
      ],
      "many actions on everything": [rolePolicy, policy({ Action: "kms:De*" }), /kms:De\* on all resources/],
      "metrics in all namespaces": [rolePolicy, policy({ Action: "cloudwatch:PutMetricData" }), /PutMetricData on all/],
      "looking at data everywhere": [rolePolicy, policy({ Action: "s3:GetObject" }), /s3:GetObject on all resources/],
      "everything but some actions": [rolePolicy, policy({ NotAction: "iam:*" }), /everything but some actions/],
      "everything but some resources": [
        rolePolicy,
        policy({ Action: "sqs:SendMessage", Resource: undefined, NotResource: "arn:aws:sqs:::a" }),
        /sqs:SendMessage on all/,
      ],
      "a managed policy that is no boundary": [managed, policy({ Action: "s3:*" }), /all actions of s3/],
      "an inline policy of a role": [
        "aws:iam/role:Role",
        { inlinePolicies: [policy({ Action: "sns:*" })] },
        /all actions of sns/,
      ],
    },
    accepts: {
      "actions that know no resource": [
        rolePolicy,
        policy({ Action: ["ecr:GetAuthorizationToken", "sts:GetCallerIdentity"] }),
      ],
      "an action that a condition limits": [
        rolePolicy,
        policy({ Action: "cloudwatch:PutMetricData", Condition: { StringLike: { "cloudwatch:namespace": "Shop/*" } } }),
      ],
      "lists and descriptions": [
        rolePolicy,
        policy({ Action: ["sagemaker:List*", "SageMaker:ListModels", "iam:GetRole"] }),
      ],
      "named resources": [
        rolePolicy,
        policy({ Action: "sagemaker:Create*", Resource: ["arn:aws:sagemaker:eu-central-1:1:model/peregrine-*"] }),
      ],
      "resources that are told by their tags": [
        rolePolicy,
        policy({
          Action: "sagemaker:StopTrainingJob",
          Condition: { StringEquals: { "aws:ResourceTag/environment": "dev" } },
        }),
      ],
      denials: [rolePolicy, policy({ Effect: "Deny", Action: "*" })],
      "a boundary": [managed, policy({ Action: "s3:*" }), , { name: "peregrine-dev-identity-boundary" }],
      "an exception that somebody configured": [
        rolePolicy,
        policy({ Action: "ec2:CreateNetworkInterface" }),
        ,
        { config: { everywhere: ["ec2:CreateNetworkInterface"] } },
      ],
    },
    ignores: ["aws:kms/key:Key", "aws:s3/bucketPolicy:BucketPolicy"],
    stoppedBy: { "a document that a preview does not know": [rolePolicy, { policy: unknownText }, /\.policy/] },
  },
  () => {
    it("refuses a boundary that is attached like a policy", () => {
      const boundary = { type: managed, name: "x-boundary" };
      const attachment = {
        type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        name: "attachment",
        from: { policyArn: [boundary] },
      };
      assert.match(judgeStack(rule, [boundary, attachment]).join(), /^attachment: The boundary x-boundary is attached/);
      assert.deepEqual(judgeStack(rule, [{ ...boundary, name: "x" }, attachment]), []);
    });

    it("is content with all of our roles and their boundary", () => {
      for (const environment of ["dev", "staging", "prod"]) {
        const scope = scopeOf(environment);
        for (const [name, role] of Object.entries({
          ...serviceRoles(scope),
          ...operationsRoles(scope),
          ...humanRoles(scope),
          ...releaseRoles(scope),
        }))
          assert.deepEqual(
            judge(rule, rolePolicy, { policy: policyDocument(Object.values(role!.duties).flat()) }, { environment })
              .violations,
            [],
            name,
          );
        assert.deepEqual(
          judge(
            rule,
            managed,
            { policy: policyDocument(permissionsBoundary(scope)) },
            { environment, name: "identity-boundary" },
          ).violations,
          [],
        );
      }
    });
  },
);
