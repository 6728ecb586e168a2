import {
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetObjectLockConfigurationCommand,
} from "@aws-sdk/client-s3";
import { GetEventSelectorsCommand, GetTrailStatusCommand, GetTrailCommand } from "@aws-sdk/client-cloudtrail";
import { DescribeEndpointCommand, DescribeModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetRoleCommand, ListRolePoliciesCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { GetFunctionConfigurationCommand, GetPolicyCommand } from "@aws-sdk/client-lambda";
import { DescribeRuleCommand, ListTargetsByRuleCommand } from "@aws-sdk/client-eventbridge";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { BatchGetProjectsCommand, ListBuildsForProjectCommand } from "@aws-sdk/client-codebuild";
import type { EnvironmentName } from "../../contract/environments";
import { eventually } from "../support/eventually";
import type { Platform } from "./platform";

type Read = (platform: Platform) => Promise<unknown>;

/** Several things at once. */
export const all =
  (...reads: readonly Read[]): Read =>
  (platform) =>
    Promise.all(reads.map((read) => read(platform)));

/** What an environment serves and wants to serve. */
export const serving =
  (environment: EnvironmentName): Read =>
  async ({ administrator: { sagemaker, ssm } }) => {
    // An update that was not refused would stand in the way of the next request.
    const { EndpointConfigName, EndpointStatus } = await eventually(async () => {
      const endpoint = await sagemaker.send(
        new DescribeEndpointCommand({ EndpointName: `peregrine-${environment}-detector` }),
      );
      if (endpoint.EndpointStatus === "Updating") throw new Error("the endpoint is being updated");
      return endpoint;
    });
    const [release, head] = await Promise.all(
      ["release", "ledger-head"].map((name) =>
        ssm.send(new GetParameterCommand({ Name: `/peregrine/${environment}/${name}` })),
      ),
    );
    return { EndpointConfigName, EndpointStatus, release: release!.Parameter!.Version, head: head!.Parameter!.Version };
  };

/** An object of the artifacts bucket, or that there is none. */
export const artifact =
  (environment: EnvironmentName, key: string): Read =>
  (platform) =>
    platform.object(platform.artifacts(environment), key);

/** Who is let at a bucket, and what becomes of its objects. */
export const bucketSettings =
  (bucketOf: (platform: Platform) => string | Promise<string>): Read =>
  async (platform) => {
    const {
      administrator: { s3 },
    } = platform;
    const Bucket = await bucketOf(platform);
    const settled = await Promise.allSettled([
      s3.send(new GetBucketPolicyCommand({ Bucket })),
      s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })),
      s3.send(new GetObjectLockConfigurationCommand({ Bucket })),
    ]);
    return settled.map((one) => {
      if (one.status === "rejected") return (one.reason as Error).name;
      const { $metadata: _metadata, ...answer } = one.value;
      return answer;
    });
  };

/** The trail, what it records, and its log group. */
export const trail =
  (environment: EnvironmentName): Read =>
  async ({ administrator: { cloudtrail, logs } }) => {
    const Name = `peregrine-${environment}-trail`;
    const [{ IsLogging }, { AdvancedEventSelectors }, { Trail }, { logGroups }] = await Promise.all([
      cloudtrail.send(new GetTrailStatusCommand({ Name })),
      cloudtrail.send(new GetEventSelectorsCommand({ TrailName: Name })),
      cloudtrail.send(new GetTrailCommand({ Name })),
      logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: `/peregrine/${environment}/trail` })),
    ]);
    return {
      IsLogging,
      AdvancedEventSelectors,
      Trail,
      groups: logGroups!.map(({ logGroupName, retentionInDays }) => [logGroupName, retentionInDays]),
    };
  };

/** Roles of an environment by name, and one's trust and policies. */
export const role =
  (environment: EnvironmentName, name: string): Read =>
  async ({ administrator: { iam } }) => {
    const RoleName = `peregrine-${environment}-${name}`;
    const [{ Role }, { PolicyNames }, { Roles }] = await Promise.all([
      iam.send(new GetRoleCommand({ RoleName })),
      iam.send(new ListRolePoliciesCommand({ RoleName })),
      iam.send(new ListRolesCommand({ PathPrefix: `/peregrine/${environment}/` })),
    ]);
    return {
      trust: Role!.AssumeRolePolicyDocument,
      boundary: Role!.PermissionsBoundary,
      PolicyNames,
      roles: Roles!.map(({ RoleName: one }) => one),
    };
  };

/** A function's code, role, variables and policy. */
export const lambdaFunction =
  (FunctionName: string): Read =>
  async ({ administrator: { lambda } }) => {
    const { CodeSha256, Role, Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const policy = await lambda.send(new GetPolicyCommand({ FunctionName })).then(
      ({ Policy }) => Policy,
      (error: Error) => error.name,
    );
    return { CodeSha256, Role, Environment, policy };
  };

export const rule =
  (Name: string): Read =>
  async ({ administrator: { events } }) => {
    const { State, EventPattern } = await events.send(new DescribeRuleCommand({ Name }));
    const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: Name }));
    return { State, EventPattern, Targets };
  };

export const queuePolicy =
  (name: string): Read =>
  async (platform) =>
    (
      await platform.administrator.sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: platform.queue(name),
          AttributeNames: ["Policy", "RedrivePolicy", "VisibilityTimeout"],
        }),
      )
    ).Attributes;

/** A build project as it is, and its builds. */
export const project =
  (name: string): Read =>
  async ({ administrator: { codebuild } }) => {
    const { projects } = await codebuild.send(new BatchGetProjectsCommand({ names: [name] }));
    if (projects!.length === 0) return "none";
    const { ids } = await codebuild.send(new ListBuildsForProjectCommand({ projectName: name }));
    return { source: projects![0]!.source, role: projects![0]!.serviceRole, ids };
  };

/** A model package as it is. */
export const modelPackage =
  (arnOf: () => string): Read =>
  async ({ administrator: { sagemaker } }) => {
    const { ModelApprovalStatus, CustomerMetadataProperties, InferenceSpecification } = await sagemaker.send(
      new DescribeModelPackageCommand({ ModelPackageName: arnOf() }),
    );
    return { ModelApprovalStatus, CustomerMetadataProperties, InferenceSpecification };
  };
