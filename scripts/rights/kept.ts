/** Rights that no recorded run used and the matrix does not ask for by name, and that stay, with the reason. */
export interface Kept {
  /** Roles without their environment's prefix; `*` stands for any letters. */
  readonly roles: readonly string[];
  /** Statements (their ids) or single actions as policies write them. */
  readonly rights: readonly string[];
  readonly why: string;
  /** Whose work fails without them: a test's, or only AWS's. */
  readonly noticedBy: `test/${string}.spec.ts` | "needs AWS";
}

const people = ["data-scientist", "ml-engineer", "approver", "auditor"];
const notebooks = ["studio-data-scientist", "studio-ml-engineer"];
const jobs = ["training-execution", "processing-execution", "endpoint-execution", "experiment-anna"];
const onAws = { noticedBy: "needs AWS" } as const;

/** The first entry that fits a right gives its reason: particular ones come first. */
export const keptRights: readonly Kept[] = [
  // What AWS does with a role, and the local cloud does by itself.
  {
    ...onAws,
    roles: [...notebooks, "image-build"],
    rights: ["PullImage", "PullBaseImage", "SignInToRegistry"],
    why: "notebooks start jobs of the image, and CodeBuild builds it by Docker; neither runs in the local cloud",
  },
  {
    ...onAws,
    roles: jobs,
    rights: ["JoinSubnets", "MakeInterfaces", "SeeNetwork"],
    why: "SageMaker puts network interfaces into the VPC with the role (developer guide, execution roles in a VPC)",
  },
  {
    ...onAws,
    roles: [...jobs, ...notebooks],
    rights: ["logs:DescribeLogStreams"],
    why: "AWS's list of what execution roles need names it (developer guide, execution roles); the local cloud has no agent that looks before it writes",
  },
  {
    noticedBy: "test/local/services/sagemaker/execution-role.spec.ts",
    roles: ["experiment-*"],
    rights: ["PullImage", "SignInToRegistry", "WriteLogs", "PublishMetrics"],
    why: "SageMaker pulls an experiment's image and writes its logs and metrics with the role, as for the pipeline's jobs; no recorded run has an experiment",
  },
  {
    ...onAws,
    roles: ["processing-execution", ...notebooks],
    rights: ["PublishMetrics"],
    why: "SageMaker publishes metrics of a processing job's host, and of an app, with the role; the local cloud measures none",
  },
  {
    ...onAws,
    roles: notebooks,
    rights: ["WriteLogs"],
    why: "SageMaker writes the logs of apps with the role; in the local cloud they write none",
  },
  {
    ...onAws,
    roles: ["release-*", "flow-logs", "image-build", "trail-logs"],
    rights: ["WriteLogs", "WriteTrail", "WriteFlowLogs", "FindLogGroups", "WriteBuildLog"],
    why: "CloudTrail, VPC and CodeBuild write logs with the role; in the local cloud no trail is delivered, no traffic logged, and no image built",
  },
  {
    ...onAws,
    roles: ["mlflow"],
    rights: ["ListArtifacts", "ReadArtifacts", "WriteArtifacts", "UseKey"],
    why: "the MLflow App shows and keeps artifacts with its role when somebody opens its pages; clients write theirs by themselves",
  },
  {
    ...onAws,
    roles: [...jobs, "pipeline-execution", "announce-candidate", "image-build"],
    rights: ["UseKey"],
    why: "SageMaker describes a key before it uses it and makes a data key for each output; topics and sources are encrypted with it",
  },
  {
    ...onAws,
    roles: [...jobs, "pipeline-execution", "image-build"],
    rights: ["s3:GetBucketLocation", "s3:ListBucket"],
    why: "SageMaker and CodeBuild look up the bucket's region, and list a prefix where an input is one",
  },
  {
    ...onAws,
    roles: ["*-execution", "experiment-anna", "release-build", ...people, ...notebooks],
    rights: ["s3:AbortMultipartUpload"],
    why: "large objects go up in parts, which are taken back when an upload fails",
  },
  {
    ...onAws,
    roles: ["image-build", "release-build", "processing-execution", "experiment-anna", ...people, ...notebooks],
    rights: ["s3:GetObjectVersion"],
    why: "CodeBuild asks for the version of a source archive; people and jobs name the version of an image that a report is about",
  },
  {
    ...onAws,
    roles: ["processing-execution", "data-scientist", "ml-engineer", ...notebooks, "experiment-anna", "release-build"],
    rights: ["LocateDataset", "s3:GetBucketLocation"],
    why: "clients ask for a bucket's region before they sign for it",
  },
  {
    ...onAws,
    roles: [
      "training-execution",
      "processing-execution",
      "experiment-anna",
      "data-scientist",
      "ml-engineer",
      ...notebooks,
    ],
    rights: ["TrackExperiments"],
    why: "SageMaker's plug-in for MLflow describes the app before it calls it",
  },

  // What happens seldom.
  {
    ...onAws,
    roles: ["pipeline-execution"],
    rights: ["RunJobs"],
    why: "a stopped execution stops its jobs, and SageMaker reads the tags that it hands on",
  },
  {
    ...onAws,
    roles: ["pipeline-execution"],
    rights: ["RegisterModels"],
    why: "SageMaker looks at the group, and hands the pipeline's tags on to what it registers",
  },
  {
    ...onAws,
    roles: ["image-build"],
    rights: ["PushImage", "ReadArtifacts"],
    why: "builds the container image from the source that was laid down when somebody starts it; a rehearsal has the image",
  },
  {
    noticedBy: "test/engine/delivery.spec.ts",
    roles: ["staging-trial"],
    rights: ["codebuild:StopBuild"],
    why: "a trial that nobody wants any more is stopped",
  },
  {
    noticedBy: "test/engine/delivery.spec.ts",
    roles: ["staging-trial"],
    rights: ["EndTrials"],
    why: "the step of a trial whose build is lost ends as failed",
  },
  {
    noticedBy: "test/engine/delivery.spec.ts",
    roles: ["release-build"],
    rights: ["RejectCandidates"],
    why: "a candidate that fails its trial in staging is rejected; those of a rehearsal pass theirs",
  },
  {
    noticedBy: "test/engine/instance-type.spec.ts",
    roles: ["release-build"],
    rights: ["ChangeEndpoints", "ScaleEndpoints"],
    why: "another instance type, another range of instances or a retired variant: the provider takes away and makes again what a common release leaves",
  },
  {
    ...onAws,
    roles: ["release-build"],
    rights: ["ChangeAlarms", "ChangeDashboards", "ChangeLogGroups"],
    why: "settings of alarms, dashboards and logs that differ from what is there, at the next release",
  },
  {
    ...onAws,
    roles: ["release-build"],
    rights: ["ssm:DeleteParameter"],
    why: "the first release of a target that fails is taken back by there being none",
  },
  {
    noticedBy: "test/truth/deployer.spec.ts",
    roles: ["release-build"],
    rights: ["SeeLists", "SeeEnvironments"],
    why: "what releases change is read again after a build that was killed",
  },
  {
    ...onAws,
    roles: ["release-build"],
    rights: ["SeeBuckets", "FindEvidence"],
    why: "S3 tells a missing object (no lock, no champion yet) from a forbidden one only to who may list the bucket",
  },
  {
    ...onAws,
    roles: ["release-build"],
    rights: ["SeeMetrics", "SeeQuotas"],
    why: "the doctor looks at what the account may have, and the golden watch at why an endpoint answers badly",
  },
  {
    ...onAws,
    roles: ["release-build"],
    rights: ["UseKeys", "VerifyDecisions"],
    why: "signatures are checked with the public key; where it cannot be had the key itself is asked",
  },

  // People work by hand.
  {
    ...onAws,
    roles: [...people, ...notebooks],
    rights: ["SeeLists", "SeeDetails", "SeeMetrics", "SeeAlarms", "SeeDashboards", "SeeLogs"],
    why: "looking at an environment, by console or command; which call it takes depends on the question",
  },
  {
    ...onAws,
    roles: [...people, ...notebooks],
    rights: ["UseKey"],
    why: "objects of the environment are encrypted with its key; clients describe it to show it",
  },
  {
    ...onAws,
    roles: ["auditor"],
    rights: [
      "ListLedger",
      "ListPermissions",
      "ListDecisions",
      "ReadBucketSettings",
      "ReadLedger",
      "ReadPolicies",
      "ReadReleases",
      "ReadRoles",
      "ReadTrails",
      "ReadTrail",
      "ReadTrailFiles",
      "ReadTrailLog",
      "ReadTrailSettings",
      "OpenTrailFiles",
      "SeeImages",
    ],
    why: "what an audit reads beside what the matrix asks for",
  },
  {
    noticedBy: "test/truth/services.spec.ts",
    roles: ["auditor"],
    rights: ["VerifyDecisions"],
    why: "an auditor has the key itself check a signature",
  },
  {
    ...onAws,
    roles: ["approver"],
    rights: ["ListArtifacts", "SignDecisions"],
    why: "an approver looks at the key and at the evidence before signing, and checks the signature after",
  },
  {
    ...onAws,
    roles: ["data-scientist", "studio-data-scientist"],
    rights: ["RunExperiments"],
    why: "an experiment has tags, and is stopped where it goes astray",
  },
  {
    noticedBy: "test/automation/roles/matrix.spec.ts",
    roles: ["data-scientist", "ml-engineer", ...notebooks],
    rights: ["PassRoles"],
    why: "who starts an experiment or makes a pipeline hands its role over: the matrix's CreateTrainingJob and CreatePipeline fail without",
  },
  {
    ...onAws,
    roles: ["ml-engineer", "studio-ml-engineer"],
    rights: ["OperatePipelines"],
    why: "failed executions are taken up again, and pipelines have tags",
  },
  {
    noticedBy: "test/engine/runbooks.spec.ts",
    roles: ["ml-engineer"],
    rights: ["ScaleEndpoint", "SeeScaling"],
    why: "more instances at once, by hand (runbook)",
  },
  {
    ...onAws,
    roles: ["data-scientist", "ml-engineer"],
    rights: ["OpenStudio", "ListArtifacts"],
    why: "Studio and the console are opened by people",
  },
  {
    ...onAws,
    roles: notebooks,
    rights: ["SeeStudio", "TagOwnSpaces", "RunOwnSpaces", "ListArtifacts"],
    why: "what Studio's pages show and do for the person beside making a space and starting its app",
  },
  {
    noticedBy: "test/truth/services.spec.ts",
    roles: ["studio-data-scientist"],
    rights: ["EncryptDisks", "KeepDisks"],
    why: "disks of a data scientist's space, as of an ML engineer's",
  },

  // The deployer's updates. What the program consists of is made anew by `test/truth/deployer.spec.ts`, as far as the local cloud asks for rights.
  {
    ...onAws,
    roles: ["deployer"],
    rights: ["MakeNetwork", "TagNetwork", "DeployNetwork", "SeeNetwork", "PassTovpcflowlogs"],
    why: "makes, changes and looks at networks (`networkMode`, `flowLogs`); the local cloud remembers networks and asks nobody",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: ["DeployBudgets"],
    why: "makes and changes budgets (`monthlyBudgetUsd`), which the local cloud remembers",
  },
  {
    noticedBy: "test/infra/monitoring/monitoring.spec.ts",
    roles: ["deployer"],
    rights: ["sagemaker:*MonitoringSchedule"],
    why: "managed monitoring, where it is chosen",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: ["sagemaker:*MlflowTrackingServer"],
    why: "an MLflow server in place of the app, where it is chosen",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: ["DeployObjects"],
    why: "lays down the pipeline's definition where it is too long for a request",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: ["UseKey"],
    why: "topics, logs, apps and objects are encrypted with the environment's key, for which the service asks in the deployer's name",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: [
      "SeeBuckets",
      "SeeObjects",
      "SeeKeys",
      "SeeRoles",
      "SeePolicies",
      "SeeStudio",
      "SeeImages",
      "SeeTrail",
      "SeeTrails",
      "SeeRequests",
      "SeeSources",
    ],
    why: "calls of the real provider's refresh that the local cloud's provider does without: replication, rotation, versions, tags",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: [
      "*:ListTagsForResource",
      "sagemaker:ListTags",
      "lambda:ListTags",
      "lambda:ListVersionsByFunction",
      "lambda:GetFunctionCodeSigningConfig",
      "sns:GetSubscriptionAttributes",
      "sns:ListSubscriptionsByTopic",
      "sqs:GetQueueUrl",
      "sqs:ListQueueTags",
      "ssm:GetParameters",
    ],
    why: "the same for what the deployer makes",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: [
      "lambda:UpdateFunctionConfiguration",
      "scheduler:UpdateSchedule",
      "sagemaker:UpdateMlflowApp",
      "logs:*RetentionPolicy",
      "logs:*KmsKey",
    ],
    why: "changes of settings in place",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: ["sagemaker:ListMlflowApps"],
    why: "an app that was made and whose number was lost is found by its name",
  },
];
