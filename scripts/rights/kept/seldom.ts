import { onAws, type Kept } from "./entry";

/** What happens seldom. */
export const seldomUsed: readonly Kept[] = [
  {
    noticedBy: "test/infra/feedback/feedback-on-local-cloud.spec.ts",
    roles: ["ml-engineer"],
    rights: ["FindFeedback", "GiveFeedbackByUrl"],
    why: "gives feedback: finds the URL, and calls the function by it",
  },
  {
    noticedBy: "test/infra/feedback/feedback-on-local-cloud.spec.ts",
    roles: ["feedback"],
    rights: ["KeepLabels", "EncryptLabels", "WriteLogs"],
    why: "keeps what people say about answers, in the bucket that the environment's key encrypts, and logs it",
  },
  {
    noticedBy: "test/infra/forecasting/forecasts-on-local-cloud.spec.ts",
    roles: ["forecast"],
    rights: ["ListForecasts", "Tell", "UseKey"],
    why: "looks for what it remembers on its first day, warns, and reads what the environment's key encrypts",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: ["lambda:UpdateFunctionUrlConfig"],
    why: "changes the URL's settings, of which the program has none yet beside that it wants a signature",
  },
  {
    noticedBy: "test/infra/monitoring/monitoring.spec.ts",
    roles: ["monitoring-start"],
    rights: ["KeepDeadLetters"],
    why: "a start of monitoring that failed for good goes to the dead letters",
  },
  {
    ...onAws,
    roles: ["monitoring-execution"],
    rights: ["sagemaker:StopProcessingJob", "sagemaker:ListTags"],
    why: "SageMaker stops a monitoring job whose execution is stopped, and looks at its tags",
  },
  {
    ...onAws,
    roles: ["new-data"],
    rights: ["ListWatch"],
    why: "before the first look there is no manifest, and S3 says so only to those who may list",
  },
  {
    ...onAws,
    roles: ["forecast-start", "new-data-start"],
    rights: ["KeepDeadLetters"],
    why: "Scheduler keeps a look that could not be started as the schedule's role; none fails for good in a recorded run",
  },
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
];
