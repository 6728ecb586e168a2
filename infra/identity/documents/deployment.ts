import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
import { prefixes } from "../../../contract/places";

const of = (service: string, names: string): string[] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => `${service}:${name}`);

/** Looks at the environment's buckets, and lays down the pipeline's definition where that is too long for a request. Buckets are made and set by the administrator. */
export function deployStorage({ arns, artifactsBucket, names }: Scope): Statement[] {
  // Not what release builds or Studio's apps run: whoever writes that acts in their names.
  const laidDown = [arns.object(artifactsBucket, `${prefixes.definitions}*`)];
  const settings =
    "ListBucket GetBucket* GetEncryptionConfiguration GetLifecycleConfiguration GetReplicationConfiguration GetAccelerateConfiguration";
  return [
    allow("SeeBuckets", of("s3", settings), [arns.bucket(`${names.prefix}-*`)]),
    allow(
      "SeeObjects",
      of("s3", "GetObject GetObjectTagging"),
      [prefixes.champion, prefixes.studio, prefixes.sources].map((prefix) =>
        arns.object(artifactsBucket, `${prefix}*`),
      ),
    ),
    allow("DeployObjects", of("s3", "GetObject GetObjectTagging PutObject PutObjectTagging DeleteObject"), laidDown),
  ];
}

/** Looks at keys. They are made, named, lent and ended by the administrator: a name or a tag of a key decides who may use it. */
export function seeKeys({ arns, environment }: Scope): Statement[] {
  return [
    allow(
      "SeeKeys",
      of("kms", "DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags GetPublicKey"),
      [arns.key("*")],
      { StringEquals: { "aws:ResourceTag/environment": environment } },
    ),
    allow("ListAliases", ["kms:ListAliases"], ["*"]),
  ];
}

/** Looks at roles and policies, and hands over exact roles to exactly their service. Makes and changes none. */
export function passServiceRoles(scope: Scope, servicesByRole: Readonly<Record<string, string>>): Statement[] {
  const passed = [...new Set(Object.values(servicesByRole))].sort();
  return [
    allow(
      "SeeRoles",
      of(
        "iam",
        "GetRole GetRolePolicy ListRolePolicies ListAttachedRolePolicies ListInstanceProfilesForRole ListRoleTags",
      ),
      [scope.arns.role(scope.rolePath, "*")],
    ),
    allow("SeePolicies", of("iam", "GetPolicy GetPolicyVersion ListPolicyVersions ListPolicyTags"), [
      scope.arns.policy(scope.rolePath, "*"),
    ]),
    ...passed.map((service) =>
      allow(
        `PassTo${service
          .split(".")
          .slice(0, -2)
          .join("")
          .replace(/[^a-z]/g, "")}`,
        ["iam:PassRole"],
        Object.keys(servicesByRole)
          .filter((role) => servicesByRole[role] === service)
          .map((role) => scope.roleArn(role)),
        {
          StringEquals: { "iam:PassedToService": service },
        },
      ),
    ),
  ];
}

/**
 * What trains, tracks and serves, as far as it makes nobody's decision: no job, no package, no model (that is the release path's), no
 * Studio (a profile's role and a lifecycle script act in its owner's name). What serves is the release path's.
 */
export function deploySagemaker({ arns, environment, names }: Scope): Statement[] {
  const kinds = ["MlflowTrackingServer", "ModelPackageGroup", "MonitoringSchedule", "Pipeline"];
  const made = kinds.flatMap((kind) => [`Create${kind}`, `Delete${kind}`]);
  const changed = ["MlflowTrackingServer", "MonitoringSchedule", "Pipeline"].map((kind) => `Update${kind}`);
  const seen = [
    "DescribeEndpoint*",
    "DescribeMlflowTrackingServer",
    "DescribeModel*",
    "DescribeMonitoringSchedule",
    "DescribePipeline*",
    "DescribeStudioLifecycleConfig",
    "ListModelPackages",
    "ListPipelineExecution*",
    "ListTags",
  ];
  // MLflow apps get ids of the service's own: what is there is known by its tag.
  const apps = [arns.sagemaker("mlflow-app/*")];
  const numbered = ["domain", "user-profile", "space"].map((kind) => arns.sagemaker(`${kind}/*`));
  return [
    allow("DeploySagemaker", of("sagemaker", [...made, ...changed, "AddTags", "DeleteTags", ...seen].join(" ")), [
      arns.sagemaker(`*/${names.prefix}-*`),
    ]),
    allow("MakeTracking", ["sagemaker:CreateMlflowApp"], apps, {
      StringEquals: { "aws:RequestTag/environment": environment },
    }),
    allow("TagTracking", ["sagemaker:AddTags"], apps, {
      StringEquals: { "aws:RequestTag/environment": environment },
      Null: { "sagemaker:TaggingAction": "false" },
    }),
    // The provider asks until the app is gone, and what is gone has no tag.
    allow("SeeTracking", ["sagemaker:DescribeMlflowApp"], apps),
    allow("DeployTracking", of("sagemaker", "UpdateMlflowApp DeleteMlflowApp ListTags AddTags DeleteTags"), apps, {
      StringEquals: { "aws:ResourceTag/environment": environment },
    }),
    allow("SeeStudio", of("sagemaker", "DescribeDomain DescribeUserProfile DescribeSpace ListTags"), numbered, {
      StringEquals: { "aws:ResourceTag/environment": environment },
    }),
    allow("ListSagemaker", of("sagemaker", "ListEndpoints ListMlflowApps"), ["*"]),
    allow(
      "DeployScaling",
      of(
        "application-autoscaling",
        "RegisterScalableTarget DeregisterScalableTarget PutScalingPolicy DeleteScalingPolicy PutScheduledAction DeleteScheduledAction TagResource UntagResource ListTagsForResource",
      ),
      [arns.scalableTargets],
    ),
    allow(
      "SeeScaling",
      of("application-autoscaling", "DescribeScalableTargets DescribeScalingPolicies DescribeScheduledActions"),
      ["*"],
    ),
  ];
}

/** Functions, rules, schedules, topics and queues: what reacts. What starts and ends releases is out of reach (`neverInstruct`). */
export function deployReactions({
  arns,
  environment,
  names,
  imageRepository,
  parameterPath,
  releaseQueues,
}: Scope): Statement[] {
  const mine = `${names.prefix}-*`;
  return [
    allow(
      "DeployFunctions",
      of(
        "lambda",
        "CreateFunction DeleteFunction GetFunction GetFunctionCodeSigningConfig UpdateFunctionCode UpdateFunctionConfiguration ListVersionsByFunction GetPolicy TagResource UntagResource ListTags",
      ),
      [arns.lambda(mine)],
    ),
    allow(
      "DeployRules",
      of(
        "events",
        "PutRule DeleteRule DescribeRule PutTargets RemoveTargets ListTargetsByRule CreateEventBus DeleteEventBus DescribeEventBus CreateArchive UpdateArchive DeleteArchive DescribeArchive TagResource UntagResource ListTagsForResource",
      ),
      ["rule", "event-bus", "archive"].map((kind) => arns.events(`${kind}/${mine}`)),
    ),
    allow(
      "DeploySchedules",
      of(
        "scheduler",
        "CreateSchedule UpdateSchedule DeleteSchedule GetSchedule CreateScheduleGroup DeleteScheduleGroup GetScheduleGroup TagResource UntagResource ListTagsForResource",
      ),
      [
        arns.scheduler(`schedule/${mine}`),
        arns.scheduler("schedule/default/" + mine),
        arns.scheduler(`schedule-group/${mine}`),
      ],
    ),
    allow(
      "DeployTopics",
      of(
        "sns",
        "CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes Subscribe Unsubscribe GetSubscriptionAttributes ListSubscriptionsByTopic TagResource UntagResource ListTagsForResource",
      ),
      [arns.topic(mine)],
    ),
    allow(
      "DeployQueues",
      of(
        "sqs",
        "CreateQueue DeleteQueue GetQueueAttributes SetQueueAttributes GetQueueUrl TagQueue UntagQueue ListQueueTags",
      ),
      [arns.queue(mine)],
    ),
    // What starts releases is read, so that the stack can be compared with what there is.
    allow("SeeRequests", of("sqs", "GetQueueAttributes GetQueueUrl ListQueueTags"), [arns.queue(releaseQueues)]),
    allow("SeeSources", of("lambda", "GetEventSourceMapping ListTags"), [arns.eventSource("*")], {
      StringEquals: { "aws:ResourceTag/environment": environment },
    }),
    allow("SeeBuilds", of("codebuild", "BatchGetProjects"), [arns.buildProject(mine)]),
    allow("SeeImages", of("ecr", "DescribeRepositories DescribeImages GetLifecyclePolicy ListTagsForResource"), [
      arns.repository(imageRepository),
    ]),
    allow("ReadParameters", of("ssm", "GetParameter GetParameters GetParametersByPath"), [
      arns.parameter(parameterPath),
      arns.parameter(`${parameterPath}*`),
    ]),
  ];
}

/** Logs, alarms, dashboards and budgets. The trail, its log and the logs of builds are the administrator's (`neverSilence`). */
export function deployWatches({ arns, names }: Scope): Statement[] {
  const mine = `${names.prefix}-*`;
  const groups = [arns.logGroup(`/aws/*/${mine}`), arns.logGroup(`/peregrine/${names.environment}/*`)];
  return [
    allow(
      "DeployLogs",
      of(
        "logs",
        "CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy AssociateKmsKey DisassociateKmsKey TagResource UntagResource ListTagsForResource",
      ),
      groups,
    ),
    allow("ListLogs", ["logs:DescribeLogGroups"], ["*"]),
    allow(
      "DeployAlarms",
      of("cloudwatch", "PutMetricAlarm DeleteAlarms TagResource UntagResource ListTagsForResource"),
      [arns.alarm(mine), arns.alarm(`TargetTracking-endpoint/${mine}`)],
    ),
    allow("SeeAlarms", ["cloudwatch:DescribeAlarms"], [arns.alarm("*")]),
    allow("DeployDashboards", of("cloudwatch", "PutDashboard GetDashboard DeleteDashboards"), [arns.dashboard(mine)]),
    allow("DeployBudgets", of("budgets", "ViewBudget ModifyBudget TagResource UntagResource ListTagsForResource"), [
      arns.budget(mine),
    ]),
    allow("SeeTrail", of("cloudtrail", "GetTrail GetTrailStatus GetEventSelectors GetInsightSelectors ListTags"), [
      arns.trail(mine),
    ]),
    allow("SeeTrails", ["cloudtrail:DescribeTrails"], ["*"]),
  ];
}

/** The network. What is made carries the environment's tag, and only what carries it is changed. */
export function deployNetwork({ arns, environment }: Scope): Statement[] {
  const made =
    "CreateVpc CreateSubnet CreateRouteTable CreateSecurityGroup CreateVpcEndpoint CreateFlowLogs CreateNatGateway CreateInternetGateway AllocateAddress";
  const changed =
    "DeleteVpc DescribeVpcAttribute ModifyVpcAttribute DeleteSubnet ModifySubnetAttribute DeleteRouteTable CreateRoute DeleteRoute AssociateRouteTable DisassociateRouteTable DeleteSecurityGroup AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress RevokeSecurityGroupEgress ModifyVpcEndpoint DeleteVpcEndpoints DeleteFlowLogs DeleteNatGateway AttachInternetGateway DetachInternetGateway DeleteInternetGateway ReleaseAddress";
  return [
    allow("MakeNetwork", of("ec2", made), [arns.ec2("*/*")], {
      StringEquals: { "aws:RequestTag/environment": environment },
    }),
    allow("TagNetwork", ["ec2:CreateTags"], [arns.ec2("*/*")], {
      StringEquals: { "aws:RequestTag/environment": environment },
    }),
    // A subnet is made in a VPC: the parent needs the permission as well, and has the tag already.
    allow("DeployNetwork", of("ec2", `${made} ${changed}`), [arns.ec2("*/*")], {
      StringEquals: { "aws:ResourceTag/environment": environment },
    }),
    allow(
      "SeeNetwork",
      of(
        "ec2",
        "DescribeVpcs DescribeSubnets DescribeRouteTables DescribeSecurityGroups DescribeSecurityGroupRules DescribeVpcEndpoints DescribePrefixLists DescribeFlowLogs DescribeNatGateways DescribeInternetGateways DescribeAddresses DescribeAddressesAttribute DescribeAvailabilityZones DescribeNetworkInterfaces DescribeNetworkAcls DescribeTags",
      ),
      ["*"],
    ),
  ];
}

/** Who deploys runs nothing and decides nothing: no training, no registration, no approval, no model, nobody's workplace; and changes no endpoint beside the release path. */
export function neverOperate(): Statement[] {
  const jobs =
    "CreateTrainingJob CreateProcessingJob StartPipelineExecution RetryPipelineExecution CreateModelPackage UpdateModelPackage DeleteModelPackage InvokeEndpoint CreateModel CreatePresigned*";
  const studio =
    "CreateDomain UpdateDomain CreateUser* UpdateUser* CreateSpace UpdateSpace CreateApp CreateStudio* CreateNotebook*";
  const serving = "CreateEndpoint* UpdateEndpoint* DeleteEndpoint*";
  return [deny("NeverOperate", of("sagemaker", `${jobs} ${studio} ${serving}`), ["*"])];
}

/**
 * What starts, makes and ends releases, and what builds run: no code, settings, message or event of a deployer's reaches it. By
 * the names that `infra/delivery` gives; the whole path is an administrator's.
 */
export function neverInstruct({
  arns,
  names,
  releaseFunctions,
  releaseProject,
  releaseQueues,
  trialQueue,
}: Scope): Statement[] {
  const rules = ["release-*", "trial-ended"].map((name) => arns.eventRule(names.of("eventRule", name)));
  // Everything but looks, whose names begin with Get, List and Describe.
  const changes = [
    ...[..."ACDIPRTU"].map((letter) => `lambda:${letter}*`),
    ...[..."ACDPRSTU"].map((letter) => `sqs:${letter}*`),
    ...["Put*", "Remove*", "Delete*", "Disable*", "Enable*"].map((verb) => `events:${verb}`),
  ];
  return [
    deny("ReleasePath", changes, [
      ...releaseFunctions.map((name) => arns.lambda(`${name}*`)),
      ...[trialQueue, releaseQueues].map((name) => arns.queue(name)),
      ...rules,
    ]),
    deny("ReleaseBuilds", ["codebuild:StartBuild"], [arns.buildProject(releaseProject)]),
    deny(
      "OtherCode",
      [
        ...["Create", "Update", "Delete"].map((verb) => `lambda:${verb}EventSourceMapping`),
        "lambda:*Layer*",
        "logs:PutResourcePolicy",
      ],
      ["*"],
    ),
  ];
}

/** Logs of the trail, the network and builds stay: a log group's end is the end of what it told. */
export function neverSilence({ arns, environment, names }: Scope): Statement[] {
  const groups = [`/peregrine/${environment}/*`, `/aws/codebuild/${names.prefix}-*`].map((group) =>
    arns.logGroup(group),
  );
  return [
    deny(
      "EvidenceStays",
      [
        "logs:Delete*",
        "logs:PutRetentionPolicy",
        "logs:PutSubscriptionFilter",
        "logs:PutDataProtectionPolicy",
        "logs:DisassociateKmsKey",
      ],
      groups,
    ),
  ];
}
