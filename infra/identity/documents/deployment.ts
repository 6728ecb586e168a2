import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
import { prefixes } from "../prefixes";
import { limitInstanceTypes } from "./jobs";
import { sagemakerDetails } from "./people";

const of = (service: string, names: string): string[] => names.trim().split(/\s+/).map((name) => `${service}:${name}`);

/** Buckets of the environment and the few objects that the program itself lays down. Data in them is out of reach. */
export function deployStorage({ arns, artifactsBucket, names }: Scope): Statement[] {
  // Not what release builds run: whoever writes that acts in all environments that are released to.
  const laidDown = [`${prefixes.champion}README.txt`, `${prefixes.definitions}*`, `${prefixes.studio}*`].map((key) => arns.object(artifactsBucket, key));
  const settings = "CreateBucket DeleteBucket ListBucket GetBucket* PutBucket* DeleteBucketPolicy GetEncryptionConfiguration PutEncryptionConfiguration GetLifecycleConfiguration PutLifecycleConfiguration GetReplicationConfiguration GetAccelerateConfiguration";
  return [
    allow("DeployBuckets", of("s3", settings), [arns.bucket(`${names.prefix}-*`)]),
    allow("DeployObjects", of("s3", "GetObject GetObjectTagging PutObject PutObjectTagging DeleteObject"), laidDown),
  ];
}

/** Keys: made, tagged, rotated and named. Their policies and their end are the administrator's. */
export function deployKeys({ arns, environment, keyAlias, names }: Scope): Statement[] {
  const own = { StringEquals: { "aws:ResourceTag/environment": environment } };
  return [
    allow("MakeKey", ["kms:CreateKey"], ["*"], { StringEquals: { "aws:RequestTag/environment": environment } }),
    allow("DeployKeys", of("kms", "DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags EnableKeyRotation UpdateKeyDescription TagResource CreateAlias UpdateAlias DeleteAlias"), [arns.key("*")], own),
    allow("NameKeys", of("kms", "CreateAlias UpdateAlias DeleteAlias"), [arns.keyAlias(keyAlias), arns.keyAlias(`alias/${names.prefix}-*`)]),
    allow("LendKeys", ["kms:CreateGrant"], [arns.key("*")], { ...own, Bool: { "kms:GrantIsForAWSResource": "true" } }),
    allow("ListAliases", ["kms:ListAliases"], ["*"]),
  ];
}

/** Roles of services, each under a permissions boundary of ours; PassRole for exactly those roles to exactly their service. */
export function deployRoles(scope: Scope, servicesByRole: Readonly<Record<string, string>>): Statement[] {
  const roles = [scope.arns.role(scope.rolePath, "*")];
  const passed = [...new Set(Object.values(servicesByRole))].sort();
  return [
    allow("MakeRoles", of("iam", "CreateRole PutRolePolicy"), roles, { StringEquals: { "iam:PermissionsBoundary": scope.boundaryArn } }),
    allow("DeployRoles", of("iam", "GetRole GetRolePolicy ListRolePolicies ListAttachedRolePolicies ListInstanceProfilesForRole ListRoleTags UpdateRole UpdateAssumeRolePolicy DeleteRole DeleteRolePolicy TagRole UntagRole"), roles),
    allow("SeePolicies", of("iam", "GetPolicy GetPolicyVersion ListPolicyVersions ListPolicyTags"), [scope.arns.policy(scope.rolePath, "*")]),
    ...passed.map((service) =>
      allow(`PassTo${service.split(".").slice(0, -2).join("").replace(/[^a-z]/g, "")}`, ["iam:PassRole"], Object.keys(servicesByRole).filter((role) => servicesByRole[role] === service).map((role) => scope.roleArn(role)), {
        StringEquals: { "iam:PassedToService": service },
      }),
    ),
  ];
}

/** What trains, registers, tracks and serves. It starts no job and decides about no model. */
export function deploySagemaker({ arns, environment, names, settings: { serving } }: Scope): Statement[] {
  const kinds = "AppImageConfig DataQualityJobDefinition Endpoint EndpointConfig Image MlflowTrackingServer Model ModelPackageGroup MonitoringSchedule Pipeline StudioLifecycleConfig";
  const made = kinds.split(" ").flatMap((kind) => [`Create${kind}`, `Delete${kind}`]);
  const changed = ["Endpoint", "EndpointWeightsAndCapacities", "Image", "MonitoringSchedule", "Pipeline"].map((kind) => `Update${kind}`);
  // Domains, profiles, spaces and MLflow apps get ids of the service's own: what is there is known by its tag.
  const numbered = ["domain", "user-profile", "space", "mlflow-app"].map((kind) => arns.sagemaker(`${kind}/*`));
  const studio = ["Domain", "UserProfile", "Space", "MlflowApp"];
  return [
    allow("DeploySagemaker", of("sagemaker", [...made, ...changed, "AddTags", "DeleteTags"].join(" ")).concat(sagemakerDetails), [arns.sagemaker(`*/${names.prefix}-*`)]),
    limitInstanceTypes("LimitServingInstances", ["sagemaker:CreateEndpointConfig"], [serving.instanceType]),
    allow("MakeStudio", of("sagemaker", studio.map((kind) => `Create${kind}`).join(" ")), numbered, { StringEquals: { "aws:RequestTag/environment": environment } }),
    allow("TagStudio", ["sagemaker:AddTags"], numbered, { StringEquals: { "aws:RequestTag/environment": environment }, Null: { "sagemaker:TaggingAction": "false" } }),
    allow("DeployStudio", of("sagemaker", [...studio.flatMap((kind) => [`Update${kind}`, `Delete${kind}`, `Describe${kind}`]), "ListTags", "AddTags", "DeleteTags"].join(" ")), numbered, { StringEquals: { "aws:ResourceTag/environment": environment } }),
    allow("ListSagemaker", of("sagemaker", "ListDomains ListUserProfiles ListSpaces ListMlflowApps ListPipelines ListEndpoints ListModelPackageGroups ListMonitoringSchedules"), ["*"]),
    allow("DeployScaling", of("application-autoscaling", "RegisterScalableTarget DeregisterScalableTarget PutScalingPolicy DeleteScalingPolicy PutScheduledAction DeleteScheduledAction TagResource UntagResource ListTagsForResource"), [arns.scalableTargets]),
    allow("SeeScaling", of("application-autoscaling", "DescribeScalableTargets DescribeScalingPolicies DescribeScheduledActions"), ["*"]),
  ];
}

/** Functions, rules, schedules, topics, queues and builds: what reacts. */
export function deployReactions({ arns, names, imageRepository, parameterPath }: Scope): Statement[] {
  const mine = `${names.prefix}-*`;
  return [
    allow("DeployFunctions", of("lambda", "CreateFunction DeleteFunction GetFunction GetFunctionCodeSigningConfig UpdateFunctionCode UpdateFunctionConfiguration ListVersionsByFunction AddPermission RemovePermission GetPolicy PutFunctionConcurrency PutFunctionEventInvokeConfig GetFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig TagResource UntagResource ListTags"), [arns.lambda(mine)]),
    allow("DeployRules", of("events", "PutRule DeleteRule DescribeRule PutTargets RemoveTargets ListTargetsByRule CreateEventBus DeleteEventBus DescribeEventBus CreateArchive UpdateArchive DeleteArchive DescribeArchive TagResource UntagResource ListTagsForResource"), ["rule", "event-bus", "archive"].map((kind) => arns.events(`${kind}/${mine}`))),
    allow("DeploySchedules", of("scheduler", "CreateSchedule UpdateSchedule DeleteSchedule GetSchedule CreateScheduleGroup DeleteScheduleGroup GetScheduleGroup TagResource UntagResource ListTagsForResource"), [arns.scheduler(`schedule/${mine}`), arns.scheduler("schedule/default/" + mine), arns.scheduler(`schedule-group/${mine}`)]),
    allow("DeployTopics", of("sns", "CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes Subscribe Unsubscribe GetSubscriptionAttributes ListSubscriptionsByTopic TagResource UntagResource ListTagsForResource"), [arns.topic(mine)]),
    allow("DeployQueues", of("sqs", "CreateQueue DeleteQueue GetQueueAttributes SetQueueAttributes GetQueueUrl TagQueue UntagQueue ListQueueTags"), [arns.queue(mine)]),
    allow("DeployBuilds", of("codebuild", "CreateProject UpdateProject DeleteProject BatchGetProjects"), [arns.buildProject(mine)]),
    allow("DeployImages", of("ecr", "CreateRepository DeleteRepository DescribeRepositories PutLifecyclePolicy GetLifecyclePolicy DeleteLifecyclePolicy PutImageScanningConfiguration PutImageTagMutability TagResource UntagResource ListTagsForResource"), [arns.repository(imageRepository)]),
    allow("ReadParameters", of("ssm", "GetParameter GetParameters GetParametersByPath"), [arns.parameter(parameterPath), arns.parameter(`${parameterPath}*`)]),
  ];
}

/** Logs, alarms, dashboards, budgets and the trail's beginning; its end and its direction are the administrator's. */
export function deployWatches({ arns, names }: Scope): Statement[] {
  const mine = `${names.prefix}-*`;
  const groups = [arns.logGroup(`/aws/*/${mine}`), arns.logGroup(`/peregrine/${names.environment}/*`)];
  return [
    allow("DeployLogs", of("logs", "CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy AssociateKmsKey DisassociateKmsKey TagResource UntagResource ListTagsForResource"), groups),
    allow("ListLogs", ["logs:DescribeLogGroups"], ["*"]),
    allow("DeployAlarms", of("cloudwatch", "PutMetricAlarm PutCompositeAlarm DeleteAlarms TagResource UntagResource ListTagsForResource"), [arns.alarm(mine), arns.alarm(`TargetTracking-endpoint/${mine}`)]),
    allow("SeeAlarms", ["cloudwatch:DescribeAlarms"], [arns.alarm("*")]),
    allow("DeployDashboards", of("cloudwatch", "PutDashboard GetDashboard DeleteDashboards"), [arns.dashboard(mine)]),
    allow("DeployBudgets", of("budgets", "ViewBudget ModifyBudget TagResource UntagResource ListTagsForResource"), [arns.budget(mine)]),
    allow("BeginTrail", of("cloudtrail", "CreateTrail GetTrail GetTrailStatus GetEventSelectors GetInsightSelectors ListTags AddTags StartLogging"), [arns.trail(mine)]),
    allow("SeeTrails", ["cloudtrail:DescribeTrails"], ["*"]),
  ];
}

/** The network. What is made carries the environment's tag, and only what carries it is changed. */
export function deployNetwork({ arns, environment }: Scope): Statement[] {
  const made = "CreateVpc CreateSubnet CreateRouteTable CreateSecurityGroup CreateVpcEndpoint CreateFlowLogs CreateNatGateway CreateInternetGateway AllocateAddress";
  const changed =
    "DeleteVpc DescribeVpcAttribute ModifyVpcAttribute DeleteSubnet ModifySubnetAttribute DeleteRouteTable CreateRoute DeleteRoute AssociateRouteTable DisassociateRouteTable DeleteSecurityGroup AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress RevokeSecurityGroupEgress ModifyVpcEndpoint DeleteVpcEndpoints DeleteFlowLogs DeleteNatGateway AttachInternetGateway DetachInternetGateway DeleteInternetGateway ReleaseAddress";
  return [
    allow("MakeNetwork", of("ec2", made), [arns.ec2("*/*")], { StringEquals: { "aws:RequestTag/environment": environment } }),
    allow("TagNetwork", ["ec2:CreateTags"], [arns.ec2("*/*")], { StringEquals: { "aws:RequestTag/environment": environment } }),
    // A subnet is made in a VPC: the parent needs the permission as well, and has the tag already.
    allow("DeployNetwork", of("ec2", `${made} ${changed}`), [arns.ec2("*/*")], { StringEquals: { "aws:ResourceTag/environment": environment } }),
    allow("SeeNetwork", of("ec2", "DescribeVpcs DescribeSubnets DescribeRouteTables DescribeSecurityGroups DescribeSecurityGroupRules DescribeVpcEndpoints DescribePrefixLists DescribeFlowLogs DescribeNatGateways DescribeInternetGateways DescribeAddresses DescribeAddressesAttribute DescribeAvailabilityZones DescribeNetworkInterfaces DescribeNetworkAcls DescribeTags"), ["*"]),
  ];
}

/** Who deploys runs nothing and decides nothing: no training, no registration, no approval. */
export function neverOperate(): Statement[] {
  return [deny("NeverOperate", of("sagemaker", "CreateTrainingJob CreateProcessingJob StartPipelineExecution RetryPipelineExecution CreateModelPackage UpdateModelPackage DeleteModelPackage InvokeEndpoint"), ["*"])];
}
