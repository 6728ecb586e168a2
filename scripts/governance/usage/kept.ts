/** Rights that no rehearsal or engine test used when it was recorded, and that stay, with the reason. */
export interface Kept {
  /** Roles without their environment's prefix; `*` stands for any letters. */
  readonly roles: readonly string[];
  /** Statements (their ids) or single actions as policies write them. */
  readonly rights: readonly string[];
  readonly why: string;
}

const people = ["data-scientist", "ml-engineer", "approver", "auditor"];
const notebooks = ["studio-*"];
const jobs = ["training-execution", "processing-execution", "endpoint-execution", "experiment-*"];

/** The first entry that fits a right gives its reason: particular ones come first. */
export const keptRights: readonly Kept[] = [
  // What AWS does with a role, and the local cloud does by itself.
  { roles: [...notebooks, "image-build"], rights: ["PullImage", "PullBaseImage", "SignInToRegistry"], why: "notebooks start jobs of the image, and CodeBuild builds it by Docker; neither runs in the local cloud" },
  { roles: jobs, rights: ["JoinSubnets", "MakeInterfaces", "SeeNetwork"], why: "SageMaker puts network interfaces into the VPC with the role (developer guide, execution roles in a VPC); the local cloud makes none" },
  { roles: jobs, rights: ["logs:DescribeLogStreams"], why: "AWS's list of what execution roles need names it (developer guide, execution roles); the local cloud has no agent that looks before it writes" },
  { roles: ["processing-execution"], rights: ["PublishMetrics"], why: "SageMaker publishes metrics of a processing job's host with the role; the local cloud measures none" },
  { roles: ["release-*", "trail-logs", "flow-logs", "image-build", "chat*"], rights: ["WriteLogs", "WriteTrail", "WriteFlowLogs", "FindLogGroups", "WriteBuildLog"], why: "CloudTrail, VPC and CodeBuild write logs with the role; in the local cloud no trail is delivered, no traffic logged, and no image built" },
  { roles: ["mlflow"], rights: ["*"], why: "the MLflow App keeps and shows artifacts with its role; clients write theirs by themselves, and nobody opens its pages in a rehearsal" },
  { roles: [...jobs, "pipeline-execution", "announce-candidate", "image-build"], rights: ["UseKey"], why: "SageMaker describes a key before it uses it and makes a data key for each output; topics and sources are encrypted with it" },
  { roles: [...jobs, "pipeline-execution", "image-build"], rights: ["s3:GetBucketLocation", "s3:ListBucket"], why: "SageMaker and CodeBuild look up the bucket's region, and list a prefix where an input is one" },
  { roles: [...jobs, "release-build"], rights: ["s3:AbortMultipartUpload"], why: "large objects go up in parts, which are taken back when an upload fails; those of a rehearsal are small" },
  { roles: ["image-build", "release-build"], rights: ["s3:GetObjectVersion"], why: "CodeBuild asks for the version of a source archive" },
  // What happens seldom.
  { roles: ["pipeline-execution"], rights: ["RunJobs"], why: "a stopped execution stops its jobs" },
  { roles: ["pipeline-execution"], rights: ["RegisterModels"], why: "SageMaker looks at the group, and hands the pipeline's tags on to what it registers" },
  { roles: ["processing-execution"], rights: ["LocateDataset", "ReadDataset", "ReadArtifacts"], why: "clients look up the region of the dataset's bucket" },
  { roles: ["night-schedule"], rights: ["*"], why: "closes and opens endpoints at night (`nights: off`); a rehearsal has no night" },
  { roles: ["image-build"], rights: ["PushImage", "ReadArtifacts"], why: "builds the container image when somebody starts it; a rehearsal has the image" },
  { roles: ["experiment-*"], rights: ["*"], why: "runs experiments of data scientists; the rehearsal trains by the pipeline, the matrix asks for each of these" },
  { roles: ["release-build"], rights: ["RejectCandidates"], why: "a candidate that fails its trial in staging is rejected; those of a rehearsal pass theirs" },
  { roles: ["staging-trial"], rights: ["SeeTrials", "EndTrials"], why: "a trial whose build is lost is stopped, and its step ended as failed" },
  { roles: ["release-build"], rights: ["ChangeEndpoints", "ChangeAlarms", "ChangeDashboards", "ChangeLogGroups", "ScaleEndpoints", "DesireReleases", "s3:DeleteObject"], why: "an update of the stack changes what a release needs: the provider deletes, reads and untags where settings differ from what is there" },
  { roles: ["release-build"], rights: ["SeeBuckets", "SeeEnvironments", "SeeKeys", "SeeReactions", "SeeRoles", "SeeObjects", "SeeAlarms", "SeeMetrics", "SeeLists", "SeeQuotas"], why: "`pulumi up` with refresh and the doctor look at everything in a target's stack; which call it takes depends on what is there" },
  { roles: ["release-build"], rights: ["UseKeys", "FindEvidence", "ListDecisions", "ReadDecisions", "ReadEvidence", "VerifyDecisions", "ReadDataset", "LocateDataset", "TellGoldenFailures"], why: "the gate reads what was decided and measured, and verifies it; where the objects are encrypted and missing ones have to be told from forbidden ones" },
  // People work by hand, and the matrix asks for each kind of thing they may do.
  { roles: ["auditor"], rights: ["ListLedger", "ListPermissions", "ListDecisions", "ReadBucketSettings", "ReadDecidedEvidence", "ReadDecisions", "ReadLedger", "ReadPolicies", "ReadReleases", "ReadRoles", "ReadTrail*", "OpenTrailFiles", "SeeImages", "VerifyDecisions"], why: "what an audit reads; no rehearsal audits" },
  { roles: ["approver"], rights: ["ListArtifacts", "ReadArtifacts", "WriteArtifacts", "SeeImages", "SignDecisions"], why: "an approver reads the evidence by any of these calls before signing" },
  { roles: ["data-scientist", "studio-data-scientist"], rights: ["RunExperiments", "PassRoles"], why: "experiments are started by people; the matrix asks for each of these" },
  { roles: ["ml-engineer"], rights: ["OperatePipelines", "PassRoles", "CallEndpoint", "ScaleEndpoint", "SeeScaling"], why: "an ML engineer changes pipelines, calls and scales endpoints by hand (runbooks)" },
  { roles: ["data-scientist", "ml-engineer"], rights: ["OpenStudio"], why: "Studio is opened by people; no app runs in the local cloud" },
  { roles: ["data-scientist", "ml-engineer"], rights: ["ListArtifacts", "ReadArtifacts", "WriteArtifacts", "ListDataset", "LocateDataset", "ReadDataset", "UseKey", "TrackExperiments", "OpenPages"], why: "people look at data, runs and weights, and keep their own under their name" },
  { roles: notebooks, rights: ["*"], why: "notebooks and spaces of Studio; no app runs in the local cloud, the matrix asks for each kind of right" },
  { roles: people, rights: ["SeeLists", "SeeDetails", "SeeMetrics", "SeeAlarms", "SeeDashboards", "SeeLogs", "UseKey"], why: "looking at an environment, by console or command; which call it takes depends on the question" },
  { roles: jobs, rights: ["TrackExperiments"], why: "jobs log to the MLflow App by whichever of its calls their client needs" },
  // The deployer's updates.
  { roles: ["deployer"], rights: ["*"], why: "`pulumi up` as the deployer is `test/engine/platform.spec.ts`, which changes a few settings; the others make, change and take away the same kinds of resources" },
];
