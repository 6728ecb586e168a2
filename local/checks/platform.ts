import { check } from "./check";

const interfaces = ["sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob", "sagemaker:CreateEndpoint", "lambda:CreateFunction", "codebuild:StartBuild"] as const;

/** What other services check: their API references and guides. */
export const platformChecks = {
  scalingBounds: check({ operations: ["application-autoscaling:RegisterScalableTarget"], rule: "a new target has both bounds", ground: "words believed", names: [], words: () => "Minimum and maximum capacity are required to register a new scalable target." }),
  scalingOrder: check({ operations: ["application-autoscaling:RegisterScalableTarget", "application-autoscaling:PutScheduledAction"], rule: "the upper bound is not below the lower", ground: "words believed", names: [], words: () => "Maximum capacity cannot be less than minimum capacity" }),
  scalableVariant: check({ operations: ["application-autoscaling:RegisterScalableTarget"], rule: "the variant exists", ground: "words believed", names: ["target"], words: (target) => `No scalable resource found for ${target}` }),
  trackingGiven: check({ operations: ["application-autoscaling:PutScalingPolicy"], rule: "a policy that tracks a target names it", ground: "words believed", names: [], words: () => "TargetTrackingScalingPolicyConfiguration is required for a policy of type TargetTrackingScaling." }),
  oneMetric: check({ operations: ["application-autoscaling:PutScalingPolicy"], rule: "it has one metric, predefined or customized", ground: "words believed", names: [], words: () => "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified." }),
  scheduleGiven: check({ operations: ["application-autoscaling:PutScheduledAction"], rule: "a new scheduled action has a schedule", ground: "words believed", names: [], words: () => "Schedule is required for a new scheduled action." }),
  schedulerTrusted: check({ operations: ["scheduler:CreateSchedule", "scheduler:UpdateSchedule"], rule: "the role exists and trusts Scheduler, for the schedule's group", ground: "documented", names: [], words: () => "The execution role you provide must allow AWS EventBridge Scheduler to assume the role." }),
  keyLockout: check({
    operations: ["kms:CreateKey", "kms:PutKeyPolicy"],
    rule: "the new policy lets its maker change it again, unless `BypassPolicyLockoutSafetyCheck` is set",
    ground: "documented",
    code: "MalformedPolicyDocumentException",
    names: [],
    words: () => "The new key policy will not allow you to update the key policy in the future.",
  }),
  projectLimit: check({ operations: ["codebuild:StartBuild", "codebuild:RetryBuild"], rule: "fewer builds of the project run than its `concurrentBuildLimit`", ground: "words believed", code: "AccountLimitExceededException", names: ["limit"], words: (limit) => `Cannot have more than ${limit} active builds for the project` }),
  queueLimit: check({ operations: ["codebuild:StartBuild", "codebuild:RetryBuild"], rule: "the account's queue is not full", ground: "words believed", code: "AccountLimitExceededException", names: ["limit"], words: (limit) => `Cannot have more than ${limit} builds in queue for the account` }),
  privateLinkService: check({ operations: ["ec2:DescribeVpcEndpointServices", "ec2:CreateVpcEndpoint"], rule: "AWS offers the service in the Region", ground: "documented", code: "InvalidServiceName", names: ["service"], words: (name) => `The Vpc Endpoint Service '${name}' does not exist` }),
  subnetExists: check({ operations: interfaces, rule: "the subnets exist", ground: "documented", code: "InvalidSubnetID.NotFound", names: ["subnet"], words: (id) => `The subnet ID '${id}' does not exist` }),
  groupExists: check({ operations: interfaces, rule: "the security groups exist", ground: "documented", code: "InvalidGroup.NotFound", names: ["group"], words: (id) => `The security group '${id}' does not exist` }),
  groupUnused: check({ operations: ["ec2:DeleteSecurityGroup"], rule: "no rule refers to the group, and no network interface has it (those of a Studio domain and of its file system's mount targets are known)", ground: "documented", code: "DependencyViolation", names: ["group"], words: (id) => `resource ${id} has a dependent object` }),
  ruleExists: check({ operations: ["ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"], rule: "the group has the rule", ground: "documented", code: "InvalidPermission.NotFound", names: [], words: () => "The specified rule does not exist in this security group." }),
  noMountTargets: check({ operations: ["elasticfilesystem:DeleteFileSystem"], rule: "the file system has no mount targets, those that are in deletion included", ground: "words believed", code: "FileSystemInUse", status: 409, names: ["file system"], words: (id) => `File system '${id}' has existing mount targets.` }),
};
