import { jobs, notebooks, onAws, people, type Kept } from "./entry";

/** What AWS does with a role, and the local cloud does by itself. */
export const usedByAws: readonly Kept[] = [
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
    roles: [...jobs, "pipeline-execution", "announce-candidate", "tell", "image-build", "retraining", "new-data"],
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
  {
    ...onAws,
    roles: ["tell"],
    rights: ["KeepDeadLetters", "MissState"],
    why: "Lambda keeps what the function gave up in its name; S3 answers that an object is not there only to those who may list",
  },
];
