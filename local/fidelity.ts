import type { Fidelity, FidelityLevel } from "./operation";
import type { Service } from "./service";

/**
 * The older form of saying how true operations are, beside their service; new ones say it themselves (`operation.ts`).
 */
interface ServiceFidelity {
  /** What holds for every operation that is not named below. */
  readonly otherwise: FidelityLevel;
  readonly simulated?: readonly string[];
  readonly recorded?: readonly string[];
  readonly note?: string;
}

/** Studio's domains, profiles, spaces, apps and lifecycle configurations: AWS's rules and errors, but nothing runs. */
const studioOperations = [
  ...["Domain", "UserProfile", "Space", "App", "StudioLifecycleConfig"].flatMap((noun) =>
    ["Create", "Describe", "Update", "Delete", "List"].map((verb) => `${verb}${noun}${verb === "List" ? "s" : ""}`),
  ),
  "CreatePresignedDomainUrl",
];

/** Fidelity of the services in the older form, by botocore's name of the service. */
export const ownServices: Readonly<Record<string, ServiceFidelity>> = {
  iam: {
    otherwise: "executed",
    simulated: ["SimulatePrincipalPolicy", "SimulateCustomPolicy"],
    recorded: [
      "CreateServiceLinkedRole",
      "DeleteServiceLinkedRole",
      "GetServiceLinkedRoleDeletionStatus",
      "CreateAccountAlias",
      "DeleteAccountAlias",
      "ListAccountAliases",
      "GetAccountPasswordPolicy",
      "GetAccessKeyLastUsed",
    ],
    note: "Policies, boundaries and trust are evaluated on every request of every service. Where lags are asked for (`local start --lags on`, as the rehearsal and the engine tests do), the API answers what was written at once, and requests are decided by it 10 seconds later (cloud time; AWS gives no number): new roles, policies, their versions and attachments, boundaries, trust policies, and all of these when they are taken away. Policies of resources, keys included, hold at once. ReadOnlyAccess is a pattern, not AWS's list; no MFA devices.",
  },
  sts: {
    otherwise: "executed",
    simulated: ["AssumeRoleWithWebIdentity"],
    note: "Web identity tokens are read, their signatures are not verified. A role is known, and its trust policy changed, as late as IAM's other changes (see iam); the provider tries again for functions, their event sources, build projects, schedules and trails, as the real one does.",
  },
  sagemaker: {
    otherwise: "executed",
    recorded: [
      "PutModelPackageGroupPolicy",
      "GetModelPackageGroupPolicy",
      "DeleteModelPackageGroupPolicy",
      "UpdateMlflowApp",
      ...studioOperations,
    ],
    note:
      "Jobs and endpoints are processes with the /opt/ml contract, one per instance; instance types do not change how fast they are. What hosts, scaling, the registry and Studio refuse is [listed by operation](#checks-by-operation). Which image is built for which host is declared where its local command is; `peregrine-ml` says it by its Dockerfile's base. On hosts with a GPU this machine's CPU stands for it: ONNX Runtime in the container says that it uses CUDA, and the container's log says that it is emulated. Hosts of jobs: an image of another architecture does not run there (believed: how it ends); drivers are not known, so they are not checked; an image for GPUs runs without one. The execution role pulls the image, of another account only where the repository's policy lets it: a job or endpoint that may not pull fails in AWS's words. Logs and `/aws/sagemaker/…` metrics are written as that role; what it may not write is missing, and the job goes on (believed). CreateModel and CreateModelPackage ask ECR for nothing in the caller's name (believed: AWS's page of the API's permissions names no ECR right for them, and a model whose role could not pull was made, and failed as an endpoint). Pipelines run Processing, Training, Condition, RegisterModel, Model, Lambda, Callback and Fail steps; " +
      "others are refused. UpdateEndpoint shifts traffic all at once, canary, linear or in batches (rolling), and rolls back by alarm or time-out, silently as SageMaker does; UpdateRollbackFailed is reached when a rolling update's rollback fails. " +
      "Undocumented, so ours: the words of callback tokens that nobody waits for, that an alarm already in ALARM ends an update before it begins, and that instances starting up count in real time against MaximumExecutionTimeoutInSeconds. " +
      "A shadow variant gets copies of requests in the ratio of its weight to the production variant's; that it comes up with its endpoint or fails it, that its weight may be changed in place, that it cannot be a target of requests or of scaling, and that its copies are captured by their own draw, is believed. " +
      "A serverless variant has a container for each request at a time, started when it is needed (in real time, part of the overhead, measured as `ModelSetupTime`), and ended after 5 idle minutes of cloud time (believed; AWS gives no number); as many as `ProvisionedConcurrency` stay. Beyond `MaxConcurrency` InvokeEndpoint is throttled, beyond a minute of starting it answers ModelNotReadyException, in words that are believed. Memory is no limit of the process, and provisioned concurrency is not scaled. " +
      "Asynchronous endpoints and inference components are refused. MLflow apps are a real MLflow server. " +
      "Every edit of a model package is an event with its approval and `UpdatedModelPackageFields`; that a field is named though its value is the old one, and that none are named for a new package, is believed. " +
      "Search knows no resources: whoever has `sagemaker:Search` reads the whole descriptions of all environments in the account, unless a policy demands `sagemaker:SearchVisibilityCondition/Tags.<key>`, and even then those of resources without that tag. Its pages of 10 are believed. " +
      "Studio is kept with AWS's rules, and no app runs in it. A domain makes the two security groups of its file system, which refer to each other, stay when it goes and keep their VPC, and a file system (efs). " +
      "A pipeline's job begins as the step's arguments name it (at most 38 characters); what follows, execution and token, is believed.",
  },
  "sagemaker-runtime": {
    otherwise: "executed",
    note: "A container that is killed is started again after a second of real time. Until then, and for what it was handling, InvokeEndpoint answers ModelError with `OriginalStatusCode` 0, in AWS's words; that no other instance is tried, and that an endpoint none of whose containers is up says the same, is believed.",
  },
  cloudwatch: {
    otherwise: "executed",
    simulated: ["GetMetricStatistics", "GetMetricData"],
    recorded: ["PutDashboard", "GetDashboard", "ListDashboards", "DeleteDashboards"],
    note: "Alarms are evaluated and act. Percentiles are exact up to 128 distinct values a bucket, then within 1 %. A kill loses up to a minute of metrics.",
  },
  events: {
    otherwise: "executed",
    note: "Where lags are on (see resourcegroupstaggingapi), of four events of a kind one comes up to 30 seconds late and one comes twice, up to a minute later and under another id, on average; those about model packages always come twice (cloud time; which ones is decided by the account's number, so that each run meets the same). Schedules fire once. Rules, schedules, input transformers, retries, dead-letter queues, archives and replays (a replay is over at once). No API destinations.",
  },
  scheduler: {
    otherwise: "executed",
    note: "Schedules (rate, cron in any time zone, at) fire and deliver as their role, with retries and dead-letter queues, to Lambda, SNS, SQS, EventBridge, SageMaker pipelines, CodeBuild and any operation that exists here (universal targets). They fire at the beginning of a flexible window.",
  },
  lambda: {
    otherwise: "executed",
    recorded: [
      "PutFunctionConcurrency",
      "GetFunctionConcurrency",
      "DeleteFunctionConcurrency",
      "GetFunctionCodeSigningConfig",
    ],
    note:
      "Node handlers of the deployed bundle, in processes of their own; the memory limit is V8's heap. Layers and tracing settings are recorded. " +
      "Event source mappings poll SQS queues, one batch of a mapping at a time; other sources, filters and provisioned pollers are refused.",
  },
  codebuild: {
    otherwise: "executed",
    recorded: ["UpdateProjectVisibility"],
    note:
      "Builds run the commands of a buildspec 0.2 in a clean folder on this machine, as the project's service role; a managed image stands for what set-up brought (Node, git, the Pulumi CLI, the AWS CLI; AWS's own images hold no Pulumi CLI, so a buildspec installs it there). " +
      "Sources are S3 archives or none; other sources, artifacts, secondary sources, batch builds, caches in S3, reports, Windows and variables from Secrets Manager are refused or passed over in words. Local custom caches are kept; those of Docker layers and sources change nothing here. Time-outs run in cloud time. A project at its `concurrentBuildLimit` refuses builds, an account at its own lets them wait. Compute type is recorded. " +
      "A request has a condition key where it names the member; that sections (`codebuild:source`) count for overrides too, that `sourceVersion` has no key, and that a retry with its former overrides asks for nothing but `codebuild:RetryBuild`, is believed. `codebuild:buildArn` and `codebuild:projectArn` are missing in what builds ask.",
  },
  "application-autoscaling": {
    otherwise: "executed",
    note: "Target tracking on invocations per instance of SageMaker variants, each by its own metric, several policies of a target together; no CloudWatch alarms are made for it, and step scaling is recorded. A scaled variant that nobody asks has a metric of 0 and goes back to its minimum. Targets and policies outlive an update of their endpoint, which begins with the configuration's counts unless it retains the endpoint's, and nothing scales while it runs. Scheduled actions (at, rate, cron in any time zone) give their target new bounds when they are due, and bounds move the variant at once where its endpoint is in service; while it is not, the activity says that it failed and the next policy catches up. Words of refused schedules are EventBridge Scheduler's (believed).",
  },
  efs: {
    otherwise: "executed",
    note: "The file systems of Studio's home directories, made with a domain and left by it where its retention says so. Mount targets keep subnet, VPC and the domain's inbound group in use, and are 30 cloud seconds in deletion (believed; EFS says only that it takes time). Nothing is stored.",
  },
  "service-quotas": {
    otherwise: "simulated",
    note: "AWS's defaults of common instance types and of VPCs, and what the account was granted; an increase is granted at once. Instances of endpoints count against their quotas, where their types are listed; nothing else that is created does.",
  },
  resourcegroupstaggingapi: {
    otherwise: "executed",
    note: "A request is answered for the Region it is signed for; IAM is told in us-east-1 alone, and its roles and users nowhere. Keys that wait for their deletion are listed. What is gone is listed 90 seconds longer (cloud time; AWS gives no number, and minutes are believed) where lags are on: `lags` of `startLocalCloud`, by default from 30 cloud seconds a second on.",
  },
};

/** Services that moto answers behind our validation, authorisation and audit. */
export const behind: Readonly<Record<string, string>> = {
  s3: "objects, versions and multipart uploads, conditional writes and copies; bucket policies are evaluated by us; locks of objects hold, retention is shortened by who bypasses it alone; rights to the keys of objects are asked for, also where an object has another key than its bucket; access logs are not delivered",
  ssm: "parameters",
  sns: "topics and delivery to SQS, as the queue's policy and key let SNS; what they refuse, or a queue that is gone would get, goes to the subscription's dead-letter queue by the same rules, as it would have come and without attributes of its own (believed)",
  sqs: "queues; SenderId is the sender's unique id, what services send has their name (believed)",
  kms: "keys, real encryption and signatures (ECC: messages and digests; RSA: messages); key policies are evaluated, also by alias and through services; where lags are asked for (see iam), `kms:ResourceAliases` follows an alias five minutes late, while a request by the alias finds its key at once; a policy that locks its maker out is refused; grants are evaluated beside the key's policy (operations, constraints, tokens, who retires, a grant by a grant no wider than it; that a grantee is limited by boundary and session policies as by a statement is believed) and, where lags are asked for, count five minutes late without their token; that a grant's operations fit the kind of key is not checked, and key policies of other accounts are not evaluated",
  logs: "groups, streams, filtering",
  ecr: "repositories; no images are stored: a repository's name stands for a local command, under any tag",
  ec2: "records; groups and subnets that Studio's file systems keep in use; VPCs that the Pulumi provider keeps are listed, too; services of PrivateLink are in every zone",
  dynamodb: "tables",
  secretsmanager: "secrets",
};

/**
 * How true one of a service's operations is: as it says itself, or as the table above has it.
 * @throws Error where neither does.
 */
export function fidelityOf(service: Service, operation: string): Fidelity {
  const entry = service.operations[operation];
  if (entry && typeof entry !== "function") return entry.fidelity;
  const known = ownServices[service.id];
  if (!known) throw new Error(`${service.id}:${operation} does not say how true it is`);
  if (known.simulated?.includes(operation)) return { level: "simulated" };
  return { level: known.recorded?.includes(operation) ? "recorded" : known.otherwise };
}
